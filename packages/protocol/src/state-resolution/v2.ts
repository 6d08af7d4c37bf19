import { authTypesForEvent } from '../auth/auth-types.ts';
import type { EventWithId } from '../auth/auth-state.ts';
import type { StateKeyPair } from '../events/event.ts';
import { StateKeyMap } from '../events/state-key-map.ts';
import { applyAllowed, type BaseState } from './iterative-auth-checks.ts';
import { mainlineSorted } from './mainline.ts';
import { sortedPowerEvents } from './power-ordering.ts';
import { eventsBetweenPauses, type Resolution, type ResolvedKey, type StateConflict } from './resolution.ts';
import type { ResolutionWorkspace } from './workspace.ts';

const powerLevelsKey: StateKeyPair = { type: 'm.room.power_levels', stateKey: '' };

/** State resolution of room versions 2 to 11 and, as v2.1, of 12 (Room Versions 2 and 12, "State resolution"). */
export function* resolveV2(work: ResolutionWorkspace, conflicts: readonly StateConflict[]): Resolution<ResolvedKey[]> {
  for (const { type, stateKey } of conflicts) work.noteConflict(type, stateKey);
  const startsEmpty = work.version.stateResolution === 'v2.1';
  const fullConflicted = yield* fullConflictedSet(work, conflicts, startsEmpty);
  yield* loadSurroundings(work, fullConflicted, startsEmpty);
  const base: BaseState = startsEmpty ? () => undefined : (type, stateKey) => work.unconflicted(type, stateKey);

  const partial = new StateKeyMap<ResolvedKey>();
  const powerEvents = yield* sortedPowerEvents(work, fullConflicted);
  work.observe?.({ kind: 'ordered', phase: 'power-events', eventIds: powerEvents.map(({ eventId }) => eventId) });
  yield* applyAllowed(work, powerEvents, partial, base, 'power-events');

  const done = new Set(powerEvents);
  const others = [...fullConflicted.values()].filter((event) => !done.has(event));
  const { type, stateKey } = powerLevelsKey;
  const levelsId = partial.get(type, stateKey)?.eventId ?? base(type, stateKey);
  const levels = levelsId === undefined ? undefined : work.event(levelsId);
  const sorted = yield* mainlineSorted(work, others, levels);
  work.observe?.({
    kind: 'ordered',
    phase: 'mainline',
    eventIds: sorted.map(({ eventId }) => eventId),
    powerLevels: levels?.eventId,
  });
  yield* applyAllowed(work, sorted, partial, base, 'mainline');

  return [...partial.values()].filter((key) => work.unconflicted(key.type, key.stateKey) === undefined);
}

class DistinctKeys {
  readonly list: StateKeyPair[] = [];
  readonly #seen = new StateKeyMap<true>();

  add(type: string, stateKey: string): void {
    if (this.#seen.has(type, stateKey)) return;
    this.#seen.set(type, stateKey, true);
    this.list.push({ type, stateKey });
  }
}

/** By id, as far as they are known. */
function* fullConflictedSet(
  work: ResolutionWorkspace,
  conflicts: readonly StateConflict[],
  withSubgraph: boolean,
): Resolution<Map<string, EventWithId>> {
  const ids = new Set(conflicts.flatMap(({ candidates }) => candidates));
  const conflicted = [...ids];
  const difference = [...((yield { kind: 'authDifference' }) as Iterable<string>)];
  const subgraph = withSubgraph
    ? [...((yield { kind: 'conflictedSubgraph', conflicted }) as Iterable<string>)]
    : undefined;
  for (const id of difference) ids.add(id);
  for (const id of subgraph ?? []) ids.add(id);
  work.observe?.({ kind: 'full-conflicted-set', authDifference: difference, subgraph });
  yield* work.loadEvents(ids);
  const known = new Map<string, EventWithId>();
  for (const id of ids) {
    const event = work.event(id);
    if (event) known.set(id, event);
  }
  return known;
}

/** Auth events of the set, and the unconflicted state that the checks may look at. */
function* loadSurroundings(
  work: ResolutionWorkspace,
  fullConflicted: ReadonlyMap<string, EventWithId>,
  startsEmpty: boolean,
): Resolution<void> {
  yield* work.loadAuthEvents(fullConflicted.values());
  const keys = new DistinctKeys();
  const authKeys = new DistinctKeys();
  authKeys.add(powerLevelsKey.type, powerLevelsKey.stateKey);
  let looked = 0;
  for (const { pdu } of fullConflicted.values()) {
    if (looked++ % eventsBetweenPauses === 0) yield { kind: 'pause' };
    if (pdu.state_key !== undefined) keys.add(pdu.type, pdu.state_key);
    if (startsEmpty) continue;
    for (const { type, stateKey } of authTypesForEvent(pdu, work.version)) authKeys.add(type, stateKey);
  }
  yield* work.loadUnconflicted([...keys.list, ...authKeys.list]);
  if (startsEmpty) return;
  const ids = new Set<string>();
  for (const { type, stateKey } of authKeys.list) {
    const id = work.unconflicted(type, stateKey);
    if (id !== undefined) ids.add(id);
  }
  yield* work.loadEvents(ids);
}
