import type { Clock } from '@myelin/runtime';
import { DatabaseError } from '../errors.ts';
import type { Reader, Row } from '../database.ts';
import type { Sql } from '../statement.ts';
import type { SqliteConnection } from './connection.ts';

/** A reading connection, and how many snapshots of `read` bodies are open on it. */
interface Slot {
  connection: SqliteConnection;
  pinned: boolean;
  pinnedAt: number;
  users: number;
}

export interface ReadersParts {
  readonly open: () => SqliteConnection;
  readonly close: (connection: SqliteConnection) => void;
  readonly clock: Clock;
  /** Nobody but this process writes into the file. */
  readonly isAlone?: boolean;
}

/** Connections with snapshots that outlived the one in use; more `read` bodies than that wait. */
const maxRetired = 16;

/** Milliseconds after which reads look again for what other programs have written into the file. */
const maxPinnedMs = 100;

/**
 * Reads, on connections apart from the writing one. The connection in use is pinned to one state, which makes a point
 * read five times cheaper than one that takes and frees its own locks, and moves on to the next state when a batch
 * is on the disk. Between the commit of a batch and its arrival on the disk it stays at the state before the batch,
 * so that nobody sees what a power cut could take back.
 */
export class SqliteReaders implements Reader {
  readonly #parts: ReadersParts;
  readonly #maxPinnedMs: number;
  readonly #free: Slot[] = [];
  readonly #retired = new Set<Slot>();
  readonly #waiting: (() => void)[] = [];
  #current: Slot;
  #window = false;
  #closed = false;
  #silent = false;

  constructor(parts: ReadersParts) {
    this.#parts = parts;
    this.#maxPinnedMs = parts.isAlone ? Number.POSITIVE_INFINITY : maxPinnedMs;
    this.#current = this.#newSlot();
  }

  all<R = Row>(query: Sql): Promise<R[]> {
    try {
      return Promise.resolve(this.#latest().all(query) as R[]);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  get<R = Row>(query: Sql): Promise<R | undefined> {
    try {
      return Promise.resolve(this.#latest().get(query) as R | undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  async snapshot<T>(body: (reader: Reader) => Promise<T>): Promise<T> {
    while (this.#retired.size >= maxRetired && !this.#closed)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#silent) return never();
    const connection = this.#latest();
    const slot = this.#current;
    slot.users++;
    const reader = new SnapshotReader(connection, () => this.#closed);
    try {
      return await body(reader);
    } finally {
      reader.end();
      slot.users--;
      this.#release(slot);
    }
  }

  /** Keeps showing the present state until `unpin`. Called right before a batch commits. */
  pin(): void {
    this.#latest();
    this.#window = true;
  }

  /** Shows what was committed. Called once the batch is on the disk, or rolled back. */
  unpin(): void {
    this.#window = false;
    this.renew();
  }

  /** Closes everything; reads that come later are refused, or never answered if `silent`. */
  close(silent = false): void {
    this.#silent = silent;
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const slot of [this.#current, ...this.#free, ...this.#retired]) this.#parts.close(slot.connection);
    this.#free.length = 0;
    this.#retired.clear();
  }

  #refuse(reason: unknown): Promise<never> {
    return this.#silent ? never() : Promise.reject(reason as Error);
  }

  #newSlot(): Slot {
    return { connection: this.#parts.open(), pinned: false, pinnedAt: 0, users: 0 };
  }

  /** The connection in use, which shows all that is durable. */
  #latest(): SqliteConnection {
    if (this.#closed) throw new DatabaseError('closed', 'The database is closed');
    const now = this.#parts.clock.monotonic();
    if (this.#current.pinned && !this.#window && now - this.#current.pinnedAt > this.#maxPinnedMs) this.renew();
    const slot = this.#current;
    if (!slot.pinned) {
      slot.connection.beginSnapshot();
      slot.pinned = true;
      slot.pinnedAt = now;
    }
    return slot.connection;
  }

  /** Lets the connection in use move on, or puts another one in its place while snapshots are open on it. */
  renew(): void {
    const slot = this.#current;
    if (!slot.pinned) return;
    if (slot.users === 0) return unpinSlot(slot);
    this.#retired.add(slot);
    this.#current = this.#free.pop() ?? this.#newSlot();
  }

  #release(slot: Slot): void {
    if (slot.users > 0 || this.#closed || !this.#retired.delete(slot)) return;
    unpinSlot(slot);
    this.#free.push(slot);
    this.#waiting.shift()?.();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function unpinSlot(slot: Slot): void {
  slot.connection.endSnapshot();
  slot.pinned = false;
}

class SnapshotReader implements Reader {
  readonly #connection: SqliteConnection;
  readonly #isClosed: () => boolean;
  #ended = false;

  constructor(connection: SqliteConnection, isClosed: () => boolean) {
    this.#connection = connection;
    this.#isClosed = isClosed;
  }

  all<R = Row>(query: Sql): Promise<R[]> {
    try {
      return Promise.resolve(this.#use().all(query) as R[]);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  get<R = Row>(query: Sql): Promise<R | undefined> {
    try {
      return Promise.resolve(this.#use().get(query) as R | undefined);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  end(): void {
    this.#ended = true;
  }

  #use(): SqliteConnection {
    if (this.#ended) throw new DatabaseError('statement', 'A reader was used after its snapshot ended');
    if (this.#isClosed()) throw new DatabaseError('closed', 'The database is closed');
    return this.#connection;
  }
}
