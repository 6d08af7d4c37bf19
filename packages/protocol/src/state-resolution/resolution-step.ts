import type { AuthDecision } from '../auth/decision.ts';
import type { StateConflict } from './resolution.ts';

/**
 * The two rounds of the iterative auth checks (Room Version 2): power events in reverse topological power order, then the
 * others in mainline order.
 */
export type ResolutionPhase = 'power-events' | 'mainline';

/** What a resolution does, told as it does it, for people who ask why. Lists are ids of events. */
export type ResolutionStep =
  | { readonly kind: 'conflicts'; readonly conflicts: readonly StateConflict[] }
  /** What comes to the conflicted events: the auth difference, and in version 12 the conflicted state subgraph. */
  | {
      readonly kind: 'full-conflicted-set';
      readonly authDifference: readonly string[];
      readonly subgraph: readonly string[] | undefined;
    }
  /** `powerLevels`: the event at the head of the mainline. */
  | {
      readonly kind: 'ordered';
      readonly phase: ResolutionPhase;
      readonly eventIds: readonly string[];
      readonly powerLevels?: string | undefined;
    }
  /** `decision` is missing where the event was refused when it came, and isn't looked at again. */
  | {
      readonly kind: 'checked';
      readonly phase: ResolutionPhase;
      readonly eventId: string;
      readonly decision: AuthDecision | undefined;
    }
  /** Version 1: of the events of a key, by depth, the one that was taken. */
  | {
      readonly kind: 'chosen';
      readonly type: string;
      readonly stateKey: string;
      readonly eventIds: readonly string[];
      readonly eventId: string;
    };

/** Is told each step of a resolution. Must not throw. */
export type ResolutionObserver = (step: ResolutionStep) => void;
