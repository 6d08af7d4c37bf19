import { close, fdatasync, fstatSync, openSync, statSync } from 'node:fs';
import { DatabaseError } from '../errors.ts';

/**
 * How a batch of transactions gets onto the disk. `flush` is called with each finished batch; it calls `commit` once
 * and resolves when the batch can't be lost any more. Nothing of the batch is acknowledged, nor seen by readers,
 * before that. The simulator passes its own, which commits some virtual time later: a crash before that loses the
 * batch, a crash between `commit` and resolving keeps what was never acknowledged.
 */
export interface Durability {
  flush(commit: () => void): Promise<void>;
  close?(): Promise<void>;
}

const done = Promise.resolve();

/** For databases that may be lost: tests, and those of `:memory:`. */
export const volatile: Durability = {
  flush(commit) {
    commit();
    return done;
  },
};

/**
 * Commits into the write-ahead log (a write to the system's page cache), then has the thread pool flush that file.
 * SQLite itself runs with synchronous=NORMAL: it orders its writes such that the file is never damaged, and it
 * doesn't wait for the disk in a commit; the acknowledgement is what we hold back.
 */
export class WriteAheadLogFlush implements Durability {
  readonly #path: string;
  readonly #file: number;
  readonly #identity: number;

  /** `path` is that of the log, which exists once the database was opened and read from. */
  constructor(path: string) {
    this.#path = path;
    // Opening and closing this file frees no lock: SQLite locks the database file and the -shm file, not the log.
    this.#file = openSync(path, 'r+');
    this.#identity = fstatSync(this.#file).ino;
  }

  flush(commit: () => void): Promise<void> {
    commit();
    if (fstatSync(this.#file).nlink === 0) return Promise.reject(this.#replaced());
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => {
        if (error === null) resolve();
        else reject(new DatabaseError('io', `Flushing ${this.#path} to the disk failed (${error.code ?? 'unknown'})`));
      });
    });
  }

  /** Throws if the file that SQLite writes isn't the one that we flush: somebody removed or replaced it. */
  checkIdentity(): void {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found?.ino === this.#identity) return;
    throw this.#replaced();
  }

  close(): Promise<void> {
    return new Promise((resolve) => close(this.#file, () => resolve()));
  }

  #replaced(): DatabaseError {
    return new DatabaseError('io', `${this.#path} was removed or replaced while the server was running; restart it`);
  }
}
