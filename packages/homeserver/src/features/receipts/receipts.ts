import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { getOwn, type JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Requester } from '../../http/index.ts';
import type { AccountData } from '../account-data/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import type { Streams } from '../streams/index.ts';
import type { ReceiptSource } from '../sync/index.ts';
import type { EventVisibility } from '../visibility/index.ts';
import { mainThread, type EventThreads } from './event-threads.ts';
import type { ReadPositionCache } from './read-positions.ts';
import type { RecentReceipts } from './recent-receipts.ts';
import { receiptEvent } from './receipt-text.ts';
import type { ReceiptStore } from './receipt-store.ts';
import type { Receipt, ReceiptTarget, ReceiptType } from './receipt.ts';

/** Told of what local users do. Implemented by `features/presence`. */
export interface ActivityPort {
  active(requester: Requester): void;
}

/** Told of public receipts of local users, in the transaction that stores them. For sending them to other servers. */
export type ReceiptListener = (writer: Writer, receipt: Receipt) => Promise<void>;

/** A receipt as another server tells it of one of its users. */
export interface RemoteReceipt {
  readonly room: RoomNid;
  readonly user: UserNid;
  readonly eventId: string;
  readonly thread: string | undefined;
  /** Milliseconds since 1970. */
  readonly ts: number;
}

export interface ReceiptParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly names: Names;
  readonly events: Events;
  readonly streams: Streams;
  readonly store: ReceiptStore;
  readonly positions: ReadPositionCache;
  readonly recent: RecentReceipts;
  readonly threads: EventThreads;
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly accountData: Pick<AccountData, 'get' | 'put'>;
  readonly activity: ActivityPort;
}

/** Events by what they shall mark; those that aren't given are left as they are. */
export interface ReadMarks {
  readonly 'm.fully_read'?: string | undefined;
  readonly 'm.read'?: string | undefined;
  readonly 'm.read.private'?: string | undefined;
}

const fullyRead = 'm.fully_read';

/** How far users have read. Client-Server API §"Receipts", §"Fully read markers". */
export class Receipts implements ReceiptSource {
  readonly #parts: ReceiptParts;
  readonly #listeners: ReceiptListener[] = [];

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  onPublicReceipt(listener: ReceiptListener): void {
    this.#listeners.push(listener);
  }

  /** Moves a receipt forwards; going backwards changes nothing. Throws M_INVALID_PARAM for an event that isn't in the thread. */
  async post(
    requester: Requester,
    roomId: string,
    type: ReceiptType,
    eventId: string,
    thread: string | undefined,
  ): Promise<void> {
    const { database, threads, activity } = this.#parts;
    const event = await this.#visibleEvent(requester, roomId, eventId);
    if (thread !== undefined && !(await threads.isReceiptFor(event, thread))) {
      throw new MatrixError('M_INVALID_PARAM', 'The event is not of this thread');
    }
    activity.active(requester);
    await database.transact((writer) => this.#move(writer, requester.user, event, type, thread));
  }

  /** Moves several marks at once. */
  async mark(requester: Requester, roomId: string, marks: ReadMarks): Promise<void> {
    const { database, access, activity } = this.#parts;
    await access.requireJoined(roomId, requester);
    const wanted: [keyof ReadMarks, StoredEvent][] = [];
    for (const type of [fullyRead, 'm.read', 'm.read.private'] as const) {
      const eventId = marks[type];
      if (eventId !== undefined) wanted.push([type, await this.#visibleEvent(requester, roomId, eventId)]);
    }
    activity.active(requester);
    if (wanted.length === 0) return;
    await database.transact(async (writer) => {
      for (const [type, event] of wanted) {
        if (type === fullyRead) await this.#moveFullyRead(writer, requester.user, event);
        else await this.#move(writer, requester.user, event, type, undefined);
      }
    });
  }

  /**
   * Moves receipts of other servers' users. Events that aren't known here are taken, since the receipt may be faster than
   * the event; threads must be known.
   */
  async receive(receipts: readonly RemoteReceipt[]): Promise<void> {
    const { database, events, store, clock } = this.#parts;
    if (receipts.length === 0) return;
    await database.transact(async (writer) => {
      for (const { room, user, eventId, thread, ts } of receipts) {
        const isThread = thread === undefined || thread === mainThread;
        if (!isThread && (await events.findInRoom(room, thread, writer)) === undefined) continue;
        const event = await events.findInRoom(room, eventId, writer);
        const target = event?.position === undefined ? undefined : targetOf(event);
        const before = await store.target(writer, room, user, 'm.read', thread);
        if (target && before && !isAhead(target, before)) continue;
        const receipt: Receipt = { room, user, type: 'm.read', thread, eventId, ts: Math.min(ts, clock.now()) };
        await this.#put(writer, receipt, target ?? unknownTarget);
      }
    });
  }

  async byRoom(
    user: UserNid,
    rooms: readonly RoomNid[],
    since: number,
    upTo: number,
  ): Promise<ReadonlyMap<RoomNid, string>> {
    const { store, names, recent } = this.#parts;
    const byRoom = new Map<RoomNid, Receipt[]>();
    const users = new Set<UserNid>();
    const add = (receipt: Receipt): void => {
      users.add(receipt.user);
      const ofRoom = byRoom.get(receipt.room);
      if (ofRoom) ofRoom.push(receipt);
      else byRoom.set(receipt.room, [receipt]);
    };
    const unknown: RoomNid[] = [];
    for (const room of rooms) {
      const known = since === 0 ? undefined : recent.between(room, since, upTo);
      if (known) for (const receipt of latest(known, user)) add(receipt);
      else unknown.push(room);
    }
    if (unknown.length > 0) for (const receipt of await store.changed(user, unknown, since, upTo)) add(receipt);
    if (byRoom.size === 0) return noTexts;
    const userIds = await names.userIds(users);
    return new Map([...byRoom].map(([room, receipts]) => [room, receiptEvent(receipts, userIds)]));
  }

  async #move(
    writer: Writer,
    user: UserNid,
    event: StoredEvent,
    type: ReceiptType,
    thread: string | undefined,
  ): Promise<void> {
    const { store, clock } = this.#parts;
    const target = targetOf(event);
    const before = await store.target(writer, event.room, user, type, thread);
    if (before && !isAhead(target, before)) return;
    const receipt: Receipt = { room: event.room, user, type, thread, eventId: event.eventId, ts: clock.now() };
    await this.#put(writer, receipt, target);
    if (type !== 'm.read.private') for (const listener of this.#listeners) await listener(writer, receipt);
  }

  async #put(writer: Writer, receipt: Receipt, target: ReceiptTarget): Promise<void> {
    const { store, streams, positions, recent } = this.#parts;
    const { room, user, type } = receipt;
    const isPrivate = type === 'm.read.private';
    const position = streams.next(writer, { kind: 'receipt', room, ...(isPrivate ? { users: [user] } : {}) });
    await store.put(writer, receipt, target, position);
    positions.forget(writer, user, room);
    writer.onDurable(() => recent.add(receipt, position));
  }

  async #moveFullyRead(writer: Writer, user: UserNid, event: StoredEvent): Promise<void> {
    const { accountData, events } = this.#parts;
    const text = await accountData.get(user, event.room, fullyRead, writer);
    const marked = text === undefined ? undefined : getOwn(JSON.parse(text) as JsonObject, 'event_id');
    const before = typeof marked === 'string' ? await events.findInRoom(event.room, marked, writer) : undefined;
    if (before && !isAhead(targetOf(event), targetOf(before))) return;
    await accountData.put(writer, user, event.room, fullyRead, { event_id: event.eventId });
  }

  /** An event of the room that the user may see; M_NOT_FOUND for all others, whatever keeps them from it. */
  async #visibleEvent(requester: Requester, roomId: string, eventId: string): Promise<StoredEvent> {
    const { access, events, visibility } = this.#parts;
    const { room } = await access.requireJoined(roomId, requester);
    const event = await events.findInRoom(room, eventId);
    if (
      event?.position === undefined ||
      !(await visibility.isVisible(event, { user: requester.user, isJoined: true }))
    ) {
      throw new MatrixError('M_NOT_FOUND', 'Event not found');
    }
    return event;
  }
}

/** What `user` may see of receipts, each as it was moved last. */
function latest(receipts: readonly Receipt[], user: UserNid): Iterable<Receipt> {
  const byKey = new Map<string, Receipt>();
  for (const receipt of receipts) {
    if (receipt.type === 'm.read.private' && receipt.user !== user) continue;
    byKey.set(`${receipt.user} ${receipt.type} ${receipt.thread ?? ''}`, receipt);
  }
  return byKey.values();
}

const noTexts: ReadonlyMap<RoomNid, string> = new Map();

/** Any event that is known is ahead of it. */
const unknownTarget: ReceiptTarget = { depth: 0, position: 0 };

function targetOf(event: StoredEvent): ReceiptTarget {
  return { depth: event.fields.depth, position: event.position ?? 0 };
}

/** By the order of the timeline. */
function isAhead(target: ReceiptTarget, than: ReceiptTarget): boolean {
  return target.depth > than.depth || (target.depth === than.depth && target.position > than.position);
}
