import { SqliteConnection } from './connection.ts';

/** Bytes of the log's file that stay when it starts over: what was used before is written faster than what is new. */
const logSizeLimit = 4_194_304;

interface CheckpointState {
  busy: number;
  log: number;
  checkpointed: number;
}

/**
 * The connection that moves pages from the write-ahead log into the database file. It flushes nothing itself while it
 * does so (synchronous=OFF): the caller flushes, off the event loop, in the order that `Checkpointer` explains.
 * Otherwise it is an ordinary connection, so that closing it last, by accident, does no harm.
 */
export class CheckpointConnection extends SqliteConnection {
  constructor(path: string) {
    super(
      path,
      ['synchronous = NORMAL', 'wal_autocheckpoint = 0', `journal_size_limit = ${logSizeLimit}`, 'cache_size = -64'],
      0,
    );
  }

  /** Moves what no reader needs in the log. True if that was all of it. */
  checkpoint(): boolean {
    return this.#checkpoint('PASSIVE');
  }

  /** With a log of which all was moved: starts it over, by a commit of a single page. */
  restart(): void {
    this.#withoutFlushing(() => this.rewriteVersion());
  }

  /** As `restart`, and gives the log's room on the disk back. False if somebody still reads from the log. */
  truncate(): boolean {
    if (!this.#checkpoint('TRUNCATE')) return false;
    this.restart();
    return true;
  }

  #checkpoint(mode: string): boolean {
    const state = this.#withoutFlushing(() => this.prepare(`PRAGMA wal_checkpoint(${mode})`).get()) as
      | CheckpointState
      | undefined;
    return state?.busy === 0 && state.log === state.checkpointed;
  }

  #withoutFlushing<T>(task: () => T): T {
    this.exec('PRAGMA synchronous = OFF');
    try {
      return task();
    } finally {
      this.exec('PRAGMA synchronous = NORMAL');
    }
  }
}
