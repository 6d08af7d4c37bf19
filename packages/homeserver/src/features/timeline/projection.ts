import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { RoomHead } from './room-heads.ts';

export interface EventContext {
  /** The room after the event. */
  readonly head: RoomHead;
  /** The state event that this one takes the place of. */
  readonly replaced: StoredEvent | undefined;
}

/** A feature that keeps tables of its own about events, written in the transaction that stores the event. */
export interface EventProjection {
  apply(writer: Writer, event: StoredEvent, context: EventContext): Promise<void>;
}
