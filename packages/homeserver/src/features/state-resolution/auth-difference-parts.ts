import type { Reader } from '@myelin/database';
import { ResolutionBudgetError, type RoomVersion } from '@myelin/protocol';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';

/** What walks over auth events need. */
export interface AuthDifferenceParts {
  readonly graph: AuthGraph;
  readonly version: RoomVersion;
  readonly reader: Reader | undefined;
  /** Auth events of events that aren't stored yet. None of these is in all of the states: what it rests on wouldn't count as common. */
  readonly pending: ReadonlyMap<EventNid, readonly EventNid[]>;
  /** The state key of an event, if it is a state event. */
  stateKeyOf(nid: EventNid): StateKeyNid | undefined | Promise<StateKeyNid | undefined>;
  /** How many events may be looked at; beyond, ResolutionBudgetError. */
  readonly maxEvents: number;
  /** A search that has looked at so many events asks for the newest of the state, which costs as much as the state is large. */
  readonly longSearch?: number;
  /** Nothing, or what is to be waited for so that others have the thread. */
  pause(): Promise<void> | undefined;
}

/** How many events a walk over auth events has looked at, within its budget. */
export class Looks {
  readonly #parts: Pick<AuthDifferenceParts, 'maxEvents' | 'pause'>;
  #count = 0;

  constructor(parts: Pick<AuthDifferenceParts, 'maxEvents' | 'pause'>) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#count;
  }

  /** How many more may be looked at. */
  get left(): number {
    return this.#parts.maxEvents - this.#count;
  }

  /** So many are looked at. Nothing, or what is to be waited for. Throws ResolutionBudgetError. */
  add(events: number): Promise<void> | undefined {
    this.#count += events;
    if (this.#count > this.#parts.maxEvents) throw new ResolutionBudgetError(this.#parts.maxEvents);
    return this.#parts.pause();
  }
}
