import type { Reader } from '@myelin/database';
import type { RoomVersion } from '@myelin/protocol';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';

/** What walks over auth events need. */
export interface AuthDifferenceParts {
  readonly graph: AuthGraph;
  readonly version: RoomVersion;
  readonly reader: Reader | undefined;
  /** Auth events of events that aren't stored yet. */
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
