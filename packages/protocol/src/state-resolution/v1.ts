import { createHash } from 'node:crypto';
import type { AuthState, EventWithId } from '../auth/auth-state.ts';
import { authTypesForEvent } from '../auth/auth-types.ts';
import { checkEventAuth } from '../auth/check-event-auth.ts';
import { StateKeyMap } from '../events/state-key-map.ts';
import type { Resolution, ResolvedKey, StateConflict } from './resolution.ts';
import type { ResolutionWorkspace } from './workspace.ts';

/**
 * State resolution of room version 1 (Room Version 1, "State resolution"). A key that some states lack is no conflict
 * there if the others agree.
 */
export function* resolveV1(work: ResolutionWorkspace, conflicts: readonly StateConflict[]): Resolution<ResolvedKey[]> {
  yield* work.loadEvents(conflicts.flatMap(({ candidates }) => candidates));
  const resolved = new StateKeyMap<ResolvedKey>();
  const open: OpenConflict[] = [];
  for (const { type, stateKey, candidates } of conflicts) {
    const events = candidates.flatMap((id) => work.event(id) ?? []).sort(byDepth);
    if (events.length > 1) open.push({ type, stateKey, events });
    else resolved.set(type, stateKey, { type, stateKey, eventId: events[0]?.eventId });
  }
  yield* loadAuthState(work, open);

  const settle = (
    chosen: OpenConflict[],
    choose: (state: AuthState, events: readonly EventWithId[]) => EventWithId,
  ): void => {
    const state = currentState(work, resolved);
    // Conflicts of one kind are resolved beside each other: none sees what becomes of the next.
    const outcomes = chosen.map(({ type, stateKey, events }) => ({
      type,
      stateKey,
      eventId: choose(state, events).eventId,
    }));
    for (const outcome of outcomes) resolved.set(outcome.type, outcome.stateKey, outcome);
    chosen.forEach(({ type, stateKey, events }, index) => {
      const eventId = outcomes[index]!.eventId;
      work.observe?.({ kind: 'chosen', type, stateKey, eventIds: events.map((event) => event.eventId), eventId });
    });
  };
  settle(
    open.filter(({ type, stateKey }) => type === 'm.room.power_levels' && stateKey === ''),
    lastOfAllowedRun,
  );
  settle(
    open.filter(({ type }) => type === 'm.room.join_rules'),
    lastOfAllowedRun,
  );
  settle(
    open.filter(({ type }) => type === 'm.room.member'),
    lastOfAllowedRun,
  );
  settle(
    open.filter((conflict) => !resolved.has(conflict.type, conflict.stateKey)),
    highestAllowed,
  );
  return [...resolved.values()];

  function lastOfAllowedRun(state: AuthState, events: readonly EventWithId[]): EventWithId {
    let chosen = events[0]!;
    for (const event of events.slice(1)) {
      if (!checkEventAuth(event.pdu, withEvent(state, chosen), work.version).allowed) break;
      chosen = event;
    }
    return chosen;
  }

  /** The lowest if none is allowed, which the specification leaves open. */
  function highestAllowed(state: AuthState, events: readonly EventWithId[]): EventWithId {
    return events.findLast(({ pdu }) => checkEventAuth(pdu, state, work.version).allowed) ?? events[0]!;
  }
}

interface OpenConflict {
  readonly type: string;
  readonly stateKey: string;
  /** By ascending depth, then descending SHA-1 of the id. */
  readonly events: readonly EventWithId[];
}

function byDepth(x: EventWithId, y: EventWithId): number {
  if (x.pdu.depth !== y.pdu.depth) return x.pdu.depth - y.pdu.depth;
  return sha1(x.eventId) > sha1(y.eventId) ? -1 : 1;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function* loadAuthState(work: ResolutionWorkspace, open: readonly OpenConflict[]): Resolution<void> {
  const keys = open.flatMap(({ events }) => events.flatMap(({ pdu }) => authTypesForEvent(pdu, work.version)));
  yield* work.loadUnconflicted(keys);
  yield* work.loadEvents(keys.flatMap(({ type, stateKey }) => work.unconflicted(type, stateKey) ?? []));
}

function currentState(work: ResolutionWorkspace, resolved: StateKeyMap<ResolvedKey>): AuthState {
  return {
    get(type, stateKey) {
      const id = resolved.get(type, stateKey)?.eventId ?? work.unconflicted(type, stateKey);
      return id === undefined ? undefined : work.event(id);
    },
  };
}

function withEvent(state: AuthState, event: EventWithId): AuthState {
  return {
    get: (type, stateKey) =>
      type === event.pdu.type && stateKey === event.pdu.state_key ? event : state.get(type, stateKey),
  };
}
