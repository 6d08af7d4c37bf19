import type { EventNid, UserNid } from '../names/index.ts';

/** An event that is to be sent. `position`: in the order of sending. */
export interface EventItem {
  readonly kind: 'event';
  readonly position: number;
  readonly event: EventNid;
}

/** A change of a user's device, or of the cross-signing keys (`deviceId` ''); what it is now is looked up when it is sent. */
export interface DeviceListItem {
  readonly kind: 'device-list';
  readonly position: number;
  readonly user: UserNid;
  readonly deviceId: string;
  /** The position of the user's change before; 0: there was none. */
  readonly previous: number;
}

/** What is sent in the order of positions, and found again by them. */
export type PositionedItem = EventItem | DeviceListItem;

/** An EDU that is kept until it was taken. */
export interface StoredEdu {
  readonly id: number;
  readonly type: string;
  readonly text: string;
}

/** Something as it goes into a transaction. */
export interface RenderedItem {
  readonly kind: 'pdu' | 'edu';
  /** The event id, or the type of the EDU. */
  readonly name: string;
  /** Canonical JSON. */
  readonly text: string;
  /** Of a stored EDU. */
  readonly storedId?: number;
}

/** Server-Server API §"Transactions". */
export const mostPdus = 50;
export const mostEdus = 100;
/** Characters of a transaction; one item always fits. Servers are known to refuse bodies of more than 12 MB. */
export const largestTransaction = 3 * 1024 * 1024;
