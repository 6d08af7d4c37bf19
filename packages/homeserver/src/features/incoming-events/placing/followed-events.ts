import type { Reader } from '@myelin/database';
import { prevEventIds, type RoomVersion } from '@myelin/protocol';
import type { Events, StoredEvent } from '../../events/index.ts';
import type { StateKeyNid } from '../../names/index.ts';
import type { StateMaps } from '../../state-map/index.ts';
import { valueIn, type StateView } from '../../state-resolution/index.ts';
import { missingAmong } from '../prev-events.ts';

/** Rejected and soft-failed events that lie between an event and the ends of its room are followed so far. */
const mostHidden = 100;

/** What comes before an event, as far as others hide it. */
interface Covered {
  /** These end nothing any more. */
  readonly eventIds: ReadonlySet<string>;
  /** Nor will these, which aren't here yet. */
  readonly missing: readonly string[];
}

/** The events before another one, and those behind them that rejected and soft-failed ones hide. */
export async function coveredBy(
  previous: readonly StoredEvent[],
  version: RoomVersion,
  events: Events,
  reader?: Reader,
): Promise<Covered> {
  const covered = new Set<string>();
  const missing = new Set<string>();
  let hidden = [...previous];
  while (hidden.length > 0 && covered.size < mostHidden) {
    const next = new Set<string>();
    for (const event of hidden) {
      covered.add(event.eventId);
      if (!event.isShown) for (const id of prevEventIds(event.pdu, version)) next.add(id);
    }
    const unseen = [...next].filter((id) => !covered.has(id));
    const found = await events.findMany(unseen, reader);
    for (const id of missingAmong(unseen, found)) missing.add(id);
    hidden = [...found.values()];
  }
  return { eventIds: covered, missing: [...missing].slice(0, mostHidden) };
}

/**
 * Whether a state event was as if it had never been in what another server told of the state before one that follows it: a
 * lie, or what that server didn't know. Then it must have its say in the current state as an end of the room, or a liar
 * could hide it from this server for good. `before`: the state that it met.
 */
export async function isLeftOut(
  key: StateKeyNid | undefined,
  before: StateView,
  follower: StoredEvent,
  maps: StateMaps,
  reader?: Reader,
): Promise<boolean> {
  if (key === undefined) return false;
  const replaced = await valueIn(before, key, maps, reader);
  return (await maps.get(follower.fields.stateBefore, key, reader)) === replaced;
}
