import type { EventWithId } from '../auth/auth-state.ts';
import { authEventIds, stateMapKey } from '../events/event.ts';
import type { RoomVersion } from '../room-versions.ts';
import { authDifference, conflictedSubgraph } from './auth-graph.ts';
import type { ResolutionAnswer, ResolutionRequest, StateConflict } from './resolution.ts';
import type { ResolutionObserver } from './resolution-step.ts';
import { stateResolution } from './state-resolution.ts';

export interface StateSetsInput {
  readonly version: RoomVersion;
  readonly roomId: string;
  /** Each state as the ids of its events. */
  readonly stateSets: readonly Iterable<string>[];
  /** Any event of the states and their auth chains. */
  readonly event: (id: string) => EventWithId | undefined;
  readonly maxEvents?: number;
  readonly observe?: ResolutionObserver;
}

/**
 * Resolves whole states that are in memory: for tests, tools and small rooms. The result is the resolved state, from
 * `stateMapKey` to event id.
 */
export function resolveStateSets(input: StateSetsInput): Map<string, string> {
  const { version, roomId, event, maxEvents, observe } = input;
  const states = input.stateSets.map((ids) => stateMap(ids, event));
  const { unconflicted, conflicts } = separate(states, event);
  const answer = (request: ResolutionRequest): ResolutionAnswer => {
    switch (request.kind) {
      case 'events':
        return request.ids.flatMap((id) => event(id) ?? []);
      case 'state':
        return request.keys.map(({ type, stateKey }) => unconflicted.get(stateMapKey(type, stateKey)));
      case 'authDifference':
        return authDifference(
          states.map((state) => state.values()),
          edges,
        );
      case 'conflictedSubgraph':
        return conflictedSubgraph(request.conflicted, edges);
      case 'mainline':
      case 'pause':
        return undefined;
    }
  };
  const edges = (id: string): readonly string[] => {
    const found = event(id);
    return found ? authEventIds(found.pdu, version) : [];
  };

  const resolution = stateResolution({
    version,
    roomId,
    conflicts,
    observe,
    ...(maxEvents !== undefined && { maxEvents }),
  });
  let step = resolution.next();
  while (!step.done) step = resolution.next(answer(step.value));
  const resolved = new Map(unconflicted);
  for (const { type, stateKey, eventId } of step.value)
    if (eventId !== undefined) resolved.set(stateMapKey(type, stateKey), eventId);
  return resolved;
}

function stateMap(ids: Iterable<string>, event: StateSetsInput['event']): Map<string, string> {
  const state = new Map<string, string>();
  for (const id of ids) {
    const pdu = event(id)?.pdu;
    if (pdu) state.set(stateMapKey(pdu.type, pdu.state_key ?? ''), id);
  }
  return state;
}

/** What all states have alike, and where they differ. */
function separate(
  states: readonly ReadonlyMap<string, string>[],
  event: StateSetsInput['event'],
): { unconflicted: Map<string, string>; conflicts: StateConflict[] } {
  const unconflicted = new Map<string, string>();
  const conflicts: StateConflict[] = [];
  for (const key of new Set(states.flatMap((state) => [...state.keys()]))) {
    const ids = states.map((state) => state.get(key));
    const candidates = [...new Set(ids)].filter((id) => id !== undefined);
    if (candidates.length === 1 && !ids.includes(undefined)) {
      unconflicted.set(key, candidates[0]!);
    } else {
      const { type, state_key: stateKey } = event(candidates[0]!)!.pdu;
      conflicts.push({ type, stateKey: stateKey ?? '', candidates });
    }
  }
  return { unconflicted, conflicts };
}
