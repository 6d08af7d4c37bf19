import type { EventWithId } from '../auth/auth-state.ts';
import type { StateKeyPair } from '../events/event.ts';

/**
 * A key on which the states to be resolved don't agree: all have different events for it, or some lack it. `candidates` are
 * the ids of the events that some state has, each once.
 */
export interface StateConflict extends StateKeyPair {
  readonly candidates: readonly string[];
}

/** What became of a key; without `eventId` the resolved state has no event for it. */
export interface ResolvedKey extends StateKeyPair {
  readonly eventId: string | undefined;
}

/**
 * What a resolution asks for while it runs. It does no I/O itself: whoever drives the generator fetches the answer, in one
 * batch, and passes it to `next`.
 *
 * - `events`: EventWithId[], `rejected` and `rejectedByState` set where they hold; ids that aren't known are left out.
 * - `state`: for each key, in order, the id of the event that *all* states have for it, or undefined.
 * - `authDifference`: ids of the events that are in the auth chains of some states but not of all. A state's auth chain
 *   includes the events of the state itself (see `authDifference`).
 * - `conflictedSubgraph` (version 12 and up): ids of the events on auth chain paths between two of the conflicted events.
 * - `mainline`: the positions of power levels events on the mainline of `powerLevels`, or of the first event there that each
 *   goes back to, the larger the older, Infinity for one that goes back to none; or undefined: then they are found step by step.
 * - `pause`: nothing; a chance to let others have the thread.
 */
export type ResolutionRequest =
  | { readonly kind: 'events'; readonly ids: readonly string[] }
  | { readonly kind: 'state'; readonly keys: readonly StateKeyPair[] }
  | { readonly kind: 'authDifference' }
  | { readonly kind: 'conflictedSubgraph'; readonly conflicted: readonly string[] }
  | { readonly kind: 'mainline'; readonly powerLevels: string; readonly events: readonly string[] }
  | { readonly kind: 'pause' };

export type ResolutionAnswer =
  | Iterable<EventWithId>
  | Iterable<string>
  | readonly (string | undefined)[]
  | readonly number[]
  | undefined;

/** A computation that asks for what it needs. */
export type Resolution<Result> = Generator<ResolutionRequest, Result, ResolutionAnswer>;

/** The resolution would need more events than its budget allows. */
export class ResolutionBudgetError extends Error {
  readonly maxEvents: number;

  constructor(maxEvents: number) {
    super(`state resolution needs more than ${maxEvents} events`);
    this.name = 'ResolutionBudgetError';
    this.maxEvents = maxEvents;
  }
}

/** After looking at so many events, about a millisecond, a resolution pauses. */
export const eventsBetweenPauses = 200;
