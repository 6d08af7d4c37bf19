import { boundedCache } from '../../caches/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';
import type { Receipt } from './receipt.ts';

/** Rooms whose newest receipts are remembered. */
const mostRooms = 5_000;
/** Receipts remembered of a room, at least. */
const logLength = 128;

interface Entry {
  readonly position: number;
  readonly receipt: Receipt;
}

/** The newest receipts of a room in order of positions; those up to `from` may be missing. */
interface RoomLog {
  from: number;
  entries: Entry[];
}

/** The newest receipts of rooms that are followed: what one user has read is told to many at a time. */
export class RecentReceipts {
  readonly #streams: Pick<Streams, 'current'>;
  readonly #rooms = boundedCache<RoomNid, RoomLog>(mostRooms);
  /** Of all receipts that are stored, some of which may not be reached by the stream yet. */
  #newest = 0;

  constructor(streams: Pick<Streams, 'current'>) {
    this.#streams = streams;
  }

  /** A receipt is stored. */
  add(receipt: Receipt, position: number): void {
    this.#newest = Math.max(this.#newest, position);
    const log = this.#rooms.peek(receipt.room);
    if (!log) return;
    const { entries } = log;
    // Transactions needn't end in the order of their positions.
    let at = entries.length;
    while (at > 0 && (entries[at - 1] as Entry).position > position) at--;
    entries.splice(at, 0, { position, receipt });
    if (entries.length < 2 * logLength) return;
    log.from = (entries[logLength - 1] as Entry).position;
    log.entries = entries.slice(logLength);
  }

  /**
   * The receipts with `since < position <= upTo`, oldest first, or undefined where memory doesn't reach that far back. A
   * receipt that was moved twice is there twice.
   */
  between(room: RoomNid, since: number, upTo: number): Receipt[] | undefined {
    const log = this.#rooms.get(room);
    if (!log) {
      this.#rooms.set(room, { from: Math.max(this.#streams.current(), this.#newest), entries: [] });
      return undefined;
    }
    if (since < log.from) return undefined;
    const found: Receipt[] = [];
    for (let i = log.entries.length - 1; i >= 0; i--) {
      const { position, receipt } = log.entries[i] as Entry;
      if (position <= since) break;
      if (position <= upTo) found.push(receipt);
    }
    return found.toReversed();
  }
}
