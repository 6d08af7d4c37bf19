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

/** Whether two of one position say the same. */
export function isSame(a: PositionedItem, b: PositionedItem): boolean {
  return a.kind === b.kind && (a.kind !== 'event' || a.event === (b as EventItem).event);
}

/**
 * Up to which position nothing is left of items in order, of which only so many of the first are sent. Several may have one
 * position (the ends of a room); if all have the same, the rest is given up.
 */
export function reachedBy(items: readonly PositionedItem[], count: number): number {
  const [first, next] = [items[0] as PositionedItem, items[count] as PositionedItem];
  return Math.max(first.position, next.position - 1);
}

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
