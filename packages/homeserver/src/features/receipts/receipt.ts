import type { RoomNid, UserNid } from '../names/index.ts';

export type ReceiptType = 'm.read' | 'm.read.private';

/** What says that a user has read up to an event. Client-Server API §"Receipts". */
export interface Receipt {
  readonly room: RoomNid;
  readonly user: UserNid;
  readonly type: ReceiptType;
  /** undefined: unthreaded; `main`, or the root's event id. */
  readonly thread: string | undefined;
  readonly eventId: string;
  /** Milliseconds since 1970. */
  readonly ts: number;
}

/** The event's place in the timeline; undefined where the event isn't known. */
export interface ReceiptTarget {
  readonly depth: number;
  readonly position: number;
}
