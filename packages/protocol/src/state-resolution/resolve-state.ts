import type { EventWithId } from '../auth/auth-state.ts';
import type { StateKeyPair } from '../events/event.ts';
import type { ResolutionAnswer, ResolutionRequest, ResolvedKey } from './resolution.ts';
import { stateResolution, type ResolutionInput } from './state-resolution.ts';

/** Where a resolution gets what it asks for; see ResolutionRequest. */
export interface ResolutionSource {
  events(ids: readonly string[]): Promise<Iterable<EventWithId>>;
  unconflictedState(keys: readonly StateKeyPair[]): Promise<readonly (string | undefined)[]>;
  authDifference(): Promise<Iterable<string>>;
  conflictedSubgraph(conflicted: readonly string[]): Promise<Iterable<string>>;
  /** See the request `mainline`; without it the mainline is followed step by step. */
  mainlinePositions?(powerLevels: string, events: readonly string[]): Promise<readonly number[]>;
  /** Called about every millisecond of work, so that a long resolution doesn't stop the others on the thread. */
  pause?(): Promise<void>;
}

/** Runs `stateResolution` with answers from a source. Throws ResolutionBudgetError, and what the source throws. */
export async function resolveState(input: ResolutionInput, source: ResolutionSource): Promise<ResolvedKey[]> {
  const resolution = stateResolution(input);
  let step = resolution.next();
  while (!step.done) step = resolution.next(await answer(step.value, source));
  return step.value;
}

function answer(request: ResolutionRequest, source: ResolutionSource): Promise<ResolutionAnswer> | undefined {
  switch (request.kind) {
    case 'events':
      return source.events(request.ids);
    case 'state':
      return source.unconflictedState(request.keys);
    case 'authDifference':
      return source.authDifference();
    case 'conflictedSubgraph':
      return source.conflictedSubgraph(request.conflicted);
    case 'mainline':
      return source.mainlinePositions?.(request.powerLevels, request.events);
    case 'pause':
      return source.pause?.().then(() => undefined);
  }
}
