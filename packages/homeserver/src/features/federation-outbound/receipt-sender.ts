import type { Writer } from '@myelin/database';
import { setOwn, type JsonObject } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { EduSender } from './edu-sender.ts';

/** A public receipt of a local user. */
export interface SentReceipt {
  readonly room: RoomNid;
  readonly user: UserNid;
  readonly type: string;
  readonly thread: string | undefined;
  readonly eventId: string;
  /** Milliseconds since 1970. */
  readonly ts: number;
}

export interface ReceiptSenderParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly names: Pick<Names, 'roomId' | 'userIds'>;
  readonly servers: Pick<JoinedServers, 'isFederated' | 'othersInRoom'>;
  readonly edus: Pick<EduSender, 'sendSoon'>;
  /** `federation_rr_transactions_per_room_per_second`: a room's receipts cause no more transactions than this. */
  readonly transactionsPerSecond: number;
}

interface RoomReceipts {
  readonly waiting: Map<string, SentReceipt>;
  timer: Cancellable | undefined;
}

/** Receipts of a room that wait; of more, the oldest are dropped. */
const mostWaiting = 1_000;

/**
 * Tells the servers in a room how far this server's users have read. The first receipt of a room goes out at once; those
 * that follow wait together for as long as the servers in the room are many. Server-Server API §"Receipts".
 */
export class ReceiptSender {
  readonly #parts: ReceiptSenderParts;
  readonly #rooms = new Map<RoomNid, RoomReceipts>();

  constructor(parts: ReceiptSenderParts) {
    this.#parts = parts;
  }

  /** Notes a receipt; it goes out after it is durable. */
  async moved(writer: Writer, receipt: SentReceipt): Promise<void> {
    if (receipt.type !== 'm.read' || !this.#parts.servers.isFederated(receipt.room)) return;
    writer.onDurable(() => this.#add(receipt));
  }

  stop(): void {
    for (const { timer } of this.#rooms.values()) timer?.cancel();
    this.#rooms.clear();
  }

  #add(receipt: SentReceipt): void {
    let ofRoom = this.#rooms.get(receipt.room);
    if (!ofRoom) this.#rooms.set(receipt.room, (ofRoom = { waiting: new Map(), timer: undefined }));
    const { waiting } = ofRoom;
    const key = `${receipt.user} ${receipt.thread ?? ''}`;
    waiting.delete(key);
    waiting.set(key, receipt);
    if (waiting.size > mostWaiting) waiting.delete(waiting.keys().next().value as string);
    if (!ofRoom.timer) void this.#flush(receipt.room, ofRoom);
  }

  async #flush(room: RoomNid, ofRoom: RoomReceipts): Promise<void> {
    const { timers, servers, edus, log, transactionsPerSecond } = this.#parts;
    ofRoom.timer = { cancel() {} };
    let pauseMs = 1_000;
    try {
      const others = await servers.othersInRoom(room);
      const receipts = [...ofRoom.waiting.values()];
      ofRoom.waiting.clear();
      for (const { content, key } of await this.#edus(room, receipts))
        edus.sendSoon(others, { edu_type: 'm.receipt', content }, key);
      pauseMs = (others.size * 1_000) / Math.max(1, transactionsPerSecond);
    } catch (err) {
      log.warn({ err }, 'other servers could not be told how far users have read');
    }
    if (this.#rooms.get(room) !== ofRoom) return;
    ofRoom.timer = timers.after(pauseMs, () => {
      if (ofRoom.waiting.size > 0) void this.#flush(room, ofRoom);
      else this.#rooms.delete(room);
    });
  }

  /** Each EDU has one receipt of a user: those of several threads go in several. */
  async #edus(room: RoomNid, receipts: readonly SentReceipt[]): Promise<{ content: JsonObject; key?: string }[]> {
    const { names } = this.#parts;
    const userIds = await names.userIds(new Set(receipts.map(({ user }) => user)));
    const roomId = await names.roomId(room);
    const groups: Map<string, SentReceipt>[] = [];
    for (const receipt of receipts) {
      const userId = userIds.get(receipt.user) as string;
      let group = groups.find((each) => !each.has(userId));
      if (!group) groups.push((group = new Map()));
      group.set(userId, receipt);
    }
    return groups.map((group) => {
      const read: JsonObject = {};
      for (const [userId, { eventId, ts, thread }] of group) {
        const data = thread === undefined ? { ts } : { ts, thread_id: thread };
        setOwn(read, userId, { event_ids: [eventId], data });
      }
      const [only] = group.values();
      const key = group.size === 1 && only ? `receipt ${room} ${only.user} ${only.thread ?? ''}` : undefined;
      return { content: { [roomId]: { 'm.read': read } }, ...(key === undefined ? {} : { key }) };
    });
  }
}
