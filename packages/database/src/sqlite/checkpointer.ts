import type { Cancellable, Timers } from '@myelin/runtime';
import { DatabaseError } from '../errors.ts';
import type { CheckpointConnection } from './checkpoint-connection.ts';
import type { DatabaseFiles } from './durability.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteReaders } from './readers.ts';
import type { WriterConnection } from './writer-connection.ts';

export interface CheckpointParts {
  connect: () => CheckpointConnection;
  writer: WriterConnection;
  readers: SqliteReaders;
  commits: GroupCommit;
  files: DatabaseFiles;
  timers: Timers;
  /** Pages in the log at which a checkpoint begins. */
  limit: number;
  /** Whether to empty the log when nothing is written. */
  emptyWhenIdle: boolean;
  warn: (message: string) => void;
}

/** Milliseconds without a write after which a log of more than `idlePages` is emptied. */
const idleMs = 1000;
const idlePages = 64;

/**
 * Moves what is in the write-ahead log into the database file, so that the log starts over, without ever waiting for
 * the disk on the event loop. Moving a thousand pages takes about a millisecond; the flushes are the thread pool's.
 * SQLite would flush in between, so their order is kept here:
 *
 * 1. Only pages that are on the disk in the log may be moved. So a snapshot is taken, the log flushed, and then what
 *    the snapshot shows is moved: SQLite moves nothing that is newer than the oldest snapshot.
 * 2. The log may start over only after the moved pages are on the disk in the file. The same snapshot sees to it: no
 *    connection starts a log over that somebody reads from.
 * 3. The new log's header must be on the disk before a second page follows it, or an old header could be found in
 *    front of a mixture of old and new pages. So the log is started over here, with a single page, while no
 *    transaction runs, and flushed before the next one.
 *
 * Most of the log is moved while writing goes on; then writing pauses for the rest. Reading never pauses.
 */
export class Checkpointer {
  readonly #parts: CheckpointParts;
  #connection: CheckpointConnection | undefined;
  #under: Promise<void> | undefined;
  #nextAt: number;
  #idleTimer: Cancellable | undefined;
  #wroteSince = false;
  #abandoned = false;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
    this.#nextAt = parts.limit;
  }

  /** Called after each batch that is on the disk. */
  afterBatch(): void {
    if (this.#parts.writer.logFrames >= this.#nextAt) this.#begin('restart');
    if (!this.#parts.emptyWhenIdle) return;
    if (this.#idleTimer === undefined) this.#waitForIdle();
    else this.#wroteSince = true;
  }

  async close(): Promise<void> {
    this.#idleTimer?.cancel();
    await this.#under;
    this.#connection?.close();
  }

  /** Stops as a process does that is killed. */
  abandon(): void {
    this.#abandoned = true;
    this.#idleTimer?.cancel();
    this.#connection?.close();
  }

  #waitForIdle(): void {
    this.#wroteSince = false;
    this.#idleTimer = this.#parts.timers.after(idleMs, () => {
      if (this.#wroteSince) return this.#waitForIdle();
      this.#idleTimer = undefined;
      if (this.#parts.writer.logFrames > idlePages) this.#begin('truncate');
    });
  }

  #begin(ending: 'restart' | 'truncate'): void {
    this.#under ??= this.#checkpoint(ending)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => (this.#under = undefined));
  }

  async #checkpoint(ending: 'restart' | 'truncate'): Promise<void> {
    const { connect, writer, readers, commits, files, limit } = this.#parts;
    const connection = (this.#connection ??= connect());
    // Where an old snapshot is still being read from the log, it goes on growing until the next try.
    this.#nextAt = writer.logFrames + limit;
    files.checkLog();
    await this.#move(connection);
    await commits.pauseFor(async () => {
      if (!(await this.#move(connection))) return;
      // Our own snapshots are in the way of starting the log over; there are none now that need it.
      readers.renew();
      if (ending === 'restart') connection.restart();
      else if (!connection.truncate()) return;
      await files.flushLog();
      writer.readLogState();
      this.#nextAt = Math.max(limit, writer.logFrames + limit / 2);
    });
  }

  /** Moves pages and flushes the file. True if all of the log was moved. */
  #move(connection: CheckpointConnection): Promise<boolean> {
    const { readers, files } = this.#parts;
    return readers.snapshot(async () => {
      await files.flushLog();
      const complete = connection.checkpoint();
      await files.flushFile();
      return complete;
    });
  }

  #failed(error: unknown): void {
    if (this.#abandoned) return;
    const { writer, commits, warn } = this.#parts;
    if (!(error instanceof DatabaseError) || error.kind !== 'io') {
      // No room, or another program: the log keeps everything until the next try.
      return warn(
        `Moving the database's log into its file failed: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
    }
    commits.fail(error);
    try {
      // The moved pages may be lost although they count as moved. One page more in the log makes SQLite flush the
      // file before it removes the log, and keep the log if that fails.
      writer.rewriteVersion();
    } catch {
      // The disk takes nothing any more; nor will it take the removal.
    }
  }
}
