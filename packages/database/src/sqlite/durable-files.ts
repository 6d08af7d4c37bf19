import { closeSync, fdatasync, fstatSync, openSync, statSync } from 'node:fs';
import { DatabaseError } from '../errors.ts';
import type { DatabaseFiles } from './durability.ts';

/**
 * Commits into the write-ahead log, which is a write to the system's page cache, then has the thread pool flush that
 * file: the event loop never waits for the disk. SQLite itself runs with synchronous=NORMAL, in which a commit doesn't
 * flush; it is the acknowledgement that waits.
 *
 * The files stay open until the last connection was closed: closing any handle of the database file frees the locks
 * that this process holds on it (fcntl(2)). For the same reason nothing else in the process may open that file.
 */
export class DurableFiles implements DatabaseFiles {
  readonly #logPath: string;
  readonly #log: number;
  readonly #file: number;
  readonly #logIdentity: number;

  /** `path` is that of the database; its log exists once the database was written through it. */
  constructor(path: string) {
    this.#logPath = `${path}-wal`;
    this.#file = openSync(path, 'r+');
    this.#log = openSync(this.#logPath, 'r+');
    this.#logIdentity = fstatSync(this.#log).ino;
  }

  flush(commit: () => void): Promise<void> {
    commit();
    if (fstatSync(this.#log).nlink === 0) return Promise.reject(this.#replaced());
    return this.flushLog();
  }

  flushLog(): Promise<void> {
    return flush(this.#log, this.#logPath);
  }

  flushFile(): Promise<void> {
    return flush(this.#file, this.#logPath.slice(0, -'-wal'.length));
  }

  checkLog(): void {
    if (statSync(this.#logPath, { throwIfNoEntry: false })?.ino !== this.#logIdentity) throw this.#replaced();
  }

  async close(): Promise<void> {
    closeSync(this.#log);
    closeSync(this.#file);
  }

  #replaced(): DatabaseError {
    return new DatabaseError('io', `${this.#logPath} was removed or replaced while the server was running; restart it`);
  }
}

function flush(file: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(file, (error) => {
      if (error === null) resolve();
      else reject(new DatabaseError('io', `Flushing ${path} to the disk failed (${error.code ?? 'unknown error'})`));
    });
  });
}
