import type { AuthState, EventWithId } from '../auth/auth-state.ts';
import { checkEventAuth } from '../auth/check-event-auth.ts';
import type { StateKeyMap } from '../events/state-key-map.ts';
import { eventsBetweenPauses, type Resolution, type ResolvedKey } from './resolution.ts';
import type { ResolutionPhase } from './resolution-step.ts';
import type { ResolutionWorkspace } from './workspace.ts';

/** The id of the event that the initial state has for a key. */
export type BaseState = (type: string, stateKey: string) => string | undefined;

/**
 * The *iterative auth checks algorithm* (Room Version 2): puts each event that is allowed into `partial`, the state
 * resolved so far. `base` tells of a key that isn't in there the id of the event in the initial state.
 */
export function* applyAllowed(
  work: ResolutionWorkspace,
  events: readonly EventWithId[],
  partial: StateKeyMap<ResolvedKey>,
  base: BaseState,
  phase: ResolutionPhase,
): Resolution<void> {
  let checks = 0;
  for (const event of events) {
    if (++checks % eventsBetweenPauses === 0) yield { kind: 'pause' };
    const { pdu, eventId } = event;
    if (pdu.state_key === undefined) continue;
    const decision = isOut(event) ? undefined : checkEventAuth(pdu, stateFor(work, event, partial, base), work.version);
    work.observe?.({ kind: 'checked', phase, eventId, decision });
    if (!decision?.allowed) continue;
    partial.set(pdu.type, pdu.state_key, { type: pdu.type, stateKey: pdu.state_key, eventId });
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
  partial: StateKeyMap<ResolvedKey>,
  base: BaseState,
): AuthState {
  return {
    get(type, stateKey) {
      const id = partial.get(type, stateKey)?.eventId ?? base(type, stateKey);
      const resolved = id === undefined ? undefined : work.event(id);
      if (resolved && !isOut(resolved)) return resolved;
      return work
        .authEventsOf(event)
        .find((other) => other.pdu.type === type && other.pdu.state_key === stateKey && !other.rejected);
    },
  };
}
