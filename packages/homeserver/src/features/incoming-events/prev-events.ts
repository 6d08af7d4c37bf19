import { prevEventIds } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { ResolutionScope } from '../state-resolution/index.ts';
import type { CheckedPdu } from './incoming-events.ts';

/** Those that aren't among the events that are known, or are without a place in their room's graph (outliers). */
export function missingAmong(eventIds: Iterable<string>, known: ReadonlyMap<string, StoredEvent>): string[] {
  return [...eventIds].filter((id) => known.get(id)?.isOutlier ?? true);
}

/** Events behind all events before them. */
export function inGraphOrder({ version }: ResolutionScope, pdus: readonly CheckedPdu[]): CheckedPdu[] {
  return inOrder(pdus, ({ pdu }) => prevEventIds(pdu, version));
}

/** Stored events behind all events before them. */
export function inPrevOrder({ version }: ResolutionScope, events: readonly StoredEvent[]): StoredEvent[] {
  return inOrder(events, ({ pdu }) => prevEventIds(pdu, version));
}

function inOrder<T extends { readonly eventId: string }>(
  pdus: readonly T[],
  named: (pdu: T) => readonly string[],
): T[] {
  const byId = new Map(pdus.map((pdu) => [pdu.eventId, pdu]));
  const waiting = new Map<string, number>();
  const followers = new Map<string, T[]>();
  const ordered: T[] = [];
  for (const pdu of byId.values()) {
    const before = new Set(named(pdu).filter((id) => byId.has(id)));
    if (before.size === 0) ordered.push(pdu);
    else waiting.set(pdu.eventId, before.size);
    for (const id of before) {
      const list = followers.get(id);
      if (list) list.push(pdu);
      else followers.set(id, [pdu]);
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
