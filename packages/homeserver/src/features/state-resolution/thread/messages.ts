import type { DatabaseOptions } from '@myelin/database';
import type { AddedToChains } from '../../auth-graph/index.ts';
import type { StoredEventFields } from '../../events/index.ts';
import type { EventNid, RoomNid } from '../../names/index.ts';
import type { StateView } from '../state-view.ts';

/** With what the thread starts. */
export interface ThreadStart {
  /** The server's database, in which it only reads. */
  readonly database: DatabaseOptions;
}

/** What is to be resolved. */
export interface ResolutionJob {
  readonly room: RoomNid;
  readonly roomId: string;
  readonly version: string;
  readonly states: readonly StateView[];
  /** Events of the states that aren't stored yet. */
  readonly pending: readonly StoredEventFields[];
  readonly maxEvents: number;
  /** Whether some of the states lack members who aren't known yet. */
  readonly lacksMembers: boolean;
}

export type ToThread =
  | { readonly kind: 'resolve'; readonly id: number; readonly job: ResolutionJob }
  /** A stored event is other than it was. */
  | { readonly kind: 'changed'; readonly event: EventNid }
  /** The index of auth chains has grown. */
  | { readonly kind: 'chained'; readonly added: AddedToChains };

export type FromThread =
  /** It is at work on it, and will answer. */
  | { readonly id: number; readonly working: true }
  | { readonly id: number; readonly result: StateView }
  /** It would have to look at more than `maxEvents`. */
  | { readonly id: number; readonly overBudget: number }
  | { readonly id: number; readonly error: Error };
