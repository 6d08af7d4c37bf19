import { StateKeyMap } from '../events/state-key-map.ts';
import type { RoomVersion } from '../room-versions.ts';
import type { Resolution, ResolvedKey, StateConflict } from './resolution.ts';
import type { ResolutionObserver } from './resolution-step.ts';
import { resolveV1 } from './v1.ts';
import { resolveV2 } from './v2.ts';
import { ResolutionWorkspace } from './workspace.ts';

export interface ResolutionInput {
  readonly version: RoomVersion;
  readonly roomId: string;
  /** Where the states differ. */
  readonly conflicts: readonly StateConflict[];
  /** How many events may be looked at, conflicting ones and those around them; beyond, ResolutionBudgetError. */
  readonly maxEvents?: number;
  readonly observe?: ResolutionObserver | undefined;
}

const defaultMaxEvents = 200_000;

/**
 * Resolves states that differ in `conflicts` and agree in all else, by the algorithm of the room version. The result has,
 * each key once, what becomes of each conflicting key, and keys that come in from the auth chains; all other keys stay
 * as the states have them. It doesn't depend on the order of conflicts, candidates or answers.
 */
export function* stateResolution(input: ResolutionInput): Resolution<ResolvedKey[]> {
  if (input.conflicts.length === 0) return [];
  const { version, roomId, maxEvents = defaultMaxEvents, observe } = input;
  observe?.({ kind: 'conflicts', conflicts: input.conflicts });
  const work = new ResolutionWorkspace(version, roomId, maxEvents, observe);
  const resolve = version.stateResolution === 'v1' ? resolveV1 : resolveV2;
  const resolved = new StateKeyMap<ResolvedKey>();
  for (const { type, stateKey } of input.conflicts) {
    resolved.set(type, stateKey, { type, stateKey, eventId: undefined });
  }
  for (const key of yield* resolve(work, input.conflicts)) resolved.set(key.type, key.stateKey, key);
  return [...resolved.values()];
}
