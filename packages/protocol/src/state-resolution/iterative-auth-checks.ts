import type { AuthState, EventWithId } from '../auth/auth-state.ts';
import { checkEventAuth } from '../auth/check-event-auth.ts';
import { stateMapKey } from '../events/event.ts';
import type { Resolution, ResolvedKey } from './resolution.ts';
import type { ResolutionWorkspace } from './workspace.ts';

/** How many events are checked between two pauses: about a millisecond. */
const checksBetweenPauses = 200;

/**
 * The *iterative auth checks algorithm* (Room Version 2): puts each event that is allowed into `partial`, the state
 * resolved so far by `stateMapKey`. `base` tells of a key that isn't in there the id of the event in the initial state.
 */
export function* applyAllowed(
  work: ResolutionWorkspace,
  events: readonly EventWithId[],
  partial: Map<string, ResolvedKey>,
  base: (key: string) => string | undefined,
): Resolution<void> {
  let checks = 0;
  for (const event of events) {
    if (++checks % checksBetweenPauses === 0) yield { kind: 'pause' };
    const { pdu, eventId } = event;
    if (isOut(event) || pdu.state_key === undefined) continue;
    if (!checkEventAuth(pdu, stateFor(work, event, partial, base), work.version).allowed) continue;
    partial.set(stateMapKey(pdu.type, pdu.state_key), { type: pdu.type, stateKey: pdu.state_key, eventId });
  }
}

/** Rejected for good: what only the state before it was against may be right here (Room Version 2, "Rejected events"). */
function isOut(event: EventWithId): boolean {
  return event.rejected === true && event.rejectedByState !== true;
}

/** The partial state, and where it has nothing the event's own auth events that weren't rejected. */
function stateFor(
  work: ResolutionWorkspace,
  event: EventWithId,
  partial: ReadonlyMap<string, ResolvedKey>,
  base: (key: string) => string | undefined,
): AuthState {
  return {
    get(type, stateKey) {
      const key = stateMapKey(type, stateKey);
      const id = partial.get(key)?.eventId ?? base(key);
      const resolved = id === undefined ? undefined : work.event(id);
      if (resolved && !isOut(resolved)) return resolved;
      return work
        .authEventsOf(event)
        .find((other) => other.pdu.type === type && other.pdu.state_key === stateKey && !other.rejected);
    },
  };
}
