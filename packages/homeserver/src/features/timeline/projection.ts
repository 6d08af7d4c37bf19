import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid, RoomNid, StateKeyNid } from '../names/index.ts';
import type { RoomHead } from './room-heads.ts';

/** What became of one key of a room's current state. */
export interface StateKeyChange {
  readonly key: StateKeyNid;
  readonly before: StoredEvent | undefined;
  readonly after: StoredEvent | undefined;
}

/**
 * How an event came: `sent` by a user of this server, `received` from another server, or `relayed`: from another server
 * that made it by this server's template, for this one to tell the others; as the join by which this server has `entered`
 * the room, or as older `history`.
 */
export type EventWay = 'sent' | 'received' | 'relayed' | 'entered' | 'history';

export interface EventContext {
  readonly way: EventWay;
  /** The room after the event. */
  readonly head: RoomHead;
  /** The state event that this one takes the place of. */
  readonly replaced: StoredEvent | undefined;
  /**
   * How the *current* state of the room is other than before the event. For an event of this server that is the event
   * itself if it is a state event, else nothing. Where the history of the room has forked, a state event may change
   * nothing, and any event may change many keys, by state resolution. Who keeps tables about the current state follows
   * this, not the event.
   */
  readonly changes: readonly StateKeyChange[];
}

/** A room whose current state is another than before, without an event. */
export interface Restatement {
  readonly room: RoomNid;
  readonly position: number;
  /** The join by which this server came into the room. */
  readonly event: EventNid;
  /** The room with its new state. */
  readonly head: RoomHead;
  readonly changes: readonly StateKeyChange[];
}

/**
 * A feature that keeps tables of its own about events, written in the transaction that stores the event. Called once for
 * each event of a timeline, in the order of the timeline's positions; not for rejected and soft-failed events.
 */
export interface EventProjection {
  apply(writer: Writer, event: StoredEvent, context: EventContext): Promise<void>;
  /** Called when the current state of a room has become another without an event: its members are known at last. */
  restated?(writer: Writer, restatement: Restatement): Promise<void>;
}
