import { looksLikeMxc } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomStates } from '../timeline/index.ts';
import { pointToken } from '../timeline/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import { memberKey } from '../names/index.ts';
import type { SearchRequest } from './search-request.ts';

export interface ResultContext {
  /** Newest first. */
  readonly before: readonly StoredEvent[];
  readonly after: readonly StoredEvent[];
  readonly start: string;
  readonly end: string;
  /** By user id, as they were at the end of the context. */
  readonly profiles: Readonly<Record<string, { displayname?: string; avatar_url?: string }>> | undefined;
}

export interface ContextParts {
  readonly events: Events;
  readonly states: RoomStates;
  readonly visibility: EventVisibility;
}

/** What was said around a result. */
export async function contextOf(
  { events, states, visibility }: ContextParts,
  event: StoredEvent,
  viewer: Viewer,
  wanted: NonNullable<SearchRequest['context']>,
): Promise<ResultContext> {
  const at = { depth: event.fields.depth, position: event.position ?? 0 };
  const justBefore = { ...at, position: at.position - 1 };
  const earlier = await events.timeline.upTo(event.room, justBefore, wanted.before);
  const later = await events.timeline.after(event.room, at, wanted.after);
  const first = earlier.at(-1) ?? event;
  const last = later.at(-1) ?? event;
  const [before, after] = [await visibility.filter(earlier, viewer), await visibility.filter(later, viewer)];
  return {
    before,
    after,
    start: pointToken({ depth: first.fields.depth, position: (first.position ?? 0) - 1 }),
    end: pointToken({ depth: last.fields.depth, position: last.position ?? 0 }),
    profiles: wanted.withProfiles ? await profilesAt(states, last, [event, ...before, ...after]) : undefined,
  };
}

async function profilesAt(
  states: RoomStates,
  at: StoredEvent,
  events: readonly StoredEvent[],
): Promise<NonNullable<ResultContext['profiles']>> {
  const profiles: Record<string, { displayname?: string; avatar_url?: string }> = {};
  for (const sender of new Set(events.map((event) => event.senderNid))) {
    const member = await states.getByKey(at.fields.stateAfter, memberKey(sender));
    if (member?.stateKey === undefined) continue;
    const { displayname, avatar_url: avatarUrl } = member.content;
    profiles[member.stateKey] = {
      ...(typeof displayname === 'string' ? { displayname } : {}),
      ...(looksLikeMxc(avatarUrl) ? { avatar_url: avatarUrl } : {}),
    };
  }
  return profiles;
}
