import type { Writer } from '@myelin/database';
import { LRUCache } from 'lru-cache';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { ReceiptStore } from './receipt-store.ts';

/** How far a user has read in a room, public and private receipts taken together: the one that is more ahead counts. */
export interface ReadPositions {
  /** Grows when a receipt is moved. */
  readonly version: number;
  /** Stream position of the event of the unthreaded receipt; 0: there is none. */
  readonly unthreaded: number;
  /** By thread: `main`, or the root's event id. */
  readonly threads: ReadonlyMap<string, number>;
}

/** What users have read, kept in memory for those asked about last. */
export class ReadPositionCache {
  readonly #store: ReceiptStore;
  readonly #cache = new LRUCache<string, ReadPositions>({
    maxSize: 200_000,
    sizeCalculation: (one) => 1 + one.threads.size,
  });
  #changes = 0;

  constructor(store: ReceiptStore) {
    this.#store = store;
  }

  /** The positions if they are in memory. */
  cached(user: UserNid, room: RoomNid): ReadPositions | undefined {
    return this.#cache.get(keyOf(user, room));
  }

  async of(user: UserNid, room: RoomNid): Promise<ReadPositions> {
    const key = keyOf(user, room);
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const before = this.#changes;
    let version = 0;
    let unthreaded = 0;
    let threads: Map<string, number> | undefined;
    for (const row of await this.#store.positions(user, room)) {
      version = Math.max(version, row.position);
      if (row.thread === '') unthreaded = Math.max(unthreaded, row.eventPosition);
      else {
        threads ??= new Map();
        threads.set(row.thread, Math.max(threads.get(row.thread) ?? 0, row.eventPosition));
      }
    }
    const positions: ReadPositions = { version, unthreaded, threads: threads ?? noThreads };
    if (before === this.#changes) this.#cache.set(key, positions);
    return positions;
  }

  /** A receipt is moved in the writer's transaction. */
  forget(writer: Writer, user: UserNid, room: RoomNid): void {
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(keyOf(user, room));
    });
  }
}

const noThreads: ReadonlyMap<string, number> = new Map();

function keyOf(user: UserNid, room: RoomNid): string {
  return `${user} ${room}`;
}
