import type { StoredEvent } from '../../events/index.ts';
import type { EventNid, StateKeyNid } from '../../names/index.ts';

/** That an event is in the state. */
export interface StateClaim {
  readonly key: StateKeyNid;
  readonly event: EventNid;
}

/** What an event claims of the state before it by naming these as its auth events. Rejected ones count for nothing. */
export function claimsOf(authEvents: Iterable<StoredEvent>): StateClaim[] {
  return [...authEvents].flatMap(({ nid, isRejected, fields: { stateKeyNid: key } }) =>
    key === undefined || isRejected ? [] : [{ key, event: nid }],
  );
}

/** The same of members only. */
export function memberClaimsOf(authEvents: Iterable<StoredEvent>): StateClaim[] {
  return claimsOf([...authEvents].filter((event) => event.type === 'm.room.member'));
}
