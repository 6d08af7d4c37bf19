import { prevEventIds, type Pdu } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { ResolutionScope } from '../state-resolution/index.ts';

/** Those that aren't among the events that are known, or are without a place in their room's graph (outliers). */
export function missingAmong(eventIds: Iterable<string>, known: ReadonlyMap<string, StoredEvent>): string[] {
  return [...eventIds].filter((id) => known.get(id)?.isOutlier ?? true);
}

/** Events behind all those among them that come before them. What follows itself, by a chain of others, is left out. */
export function inGraphOrder<T extends { readonly eventId: string; readonly pdu: Pdu }>(
  { version }: ResolutionScope,
  events: readonly T[],
): T[] {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  const waiting = new Map<string, number>();
  const followers = new Map<string, T[]>();
  const ordered: T[] = [];
  for (const event of byId.values()) {
    const before = new Set(prevEventIds(event.pdu, version).filter((id) => byId.has(id)));
    if (before.size === 0) ordered.push(event);
    else waiting.set(event.eventId, before.size);
    for (const id of before) {
      const list = followers.get(id);
      if (list) list.push(event);
      else followers.set(id, [event]);
    }
  }
  // Items added to an array while it is iterated over are visited too.
  for (const done of ordered) {
    for (const follower of followers.get(done.eventId) ?? []) {
      const left = (waiting.get(follower.eventId) as number) - 1;
      waiting.set(follower.eventId, left);
      if (left === 0) ordered.push(follower);
    }
  }
  return ordered;
}
