import type { StoredEvent } from '../events/index.ts';

/** The parts of events that can be searched, by the names that clients give, and their numbers in the tables. */
export const searchParts: Readonly<Record<string, number>> = {
  'content.body': 0,
  'content.name': 1,
  'content.topic': 2,
};

/** The types of the events that have such a part, and of what takes one away. */
export const followedTypes = ['m.room.message', 'm.room.name', 'm.room.topic', 'm.room.redaction'] as const;

export function isFollowed(type: string): boolean {
  return (followedTypes as readonly string[]).includes(type);
}

const longestText = 20_000;

export interface Searchable {
  readonly part: number;
  readonly text: string;
}

/** What an event is found by; undefined for one that isn't to be found. */
export function searchableOf(event: StoredEvent): Searchable | undefined {
  if (!event.isShown || event.position === undefined || event.fields.redactedBy !== undefined) return undefined;
  const member = { 'm.room.message': 'body', 'm.room.name': 'name', 'm.room.topic': 'topic' }[event.type];
  const text = member === undefined ? undefined : event.content[member];
  if (member === undefined || typeof text !== 'string' || text.trim() === '') return undefined;
  return { part: searchParts[`content.${member}`] as number, text: text.slice(0, longestText).replaceAll('\0', ' ') };
}
