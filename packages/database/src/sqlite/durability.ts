/**
 * How a batch of transactions gets onto the disk. `flush` is called with each finished batch; it calls `commit` once
 * and resolves when the batch can't be lost any more. Nothing of the batch is acknowledged, nor seen by readers,
 * before that. The simulator passes its own, which commits some virtual time later: a crash before that loses the
 * batch, a crash between `commit` and resolving keeps what was never acknowledged.
 */
export interface Durability {
  flush(commit: () => void): Promise<void>;
}

/** The files under a database, as far as flushing them goes. */
export interface DatabaseFiles extends Durability {
  /** Flushes the write-ahead log. */
  flushLog(): Promise<void>;
  /** Flushes the database file. */
  flushFile(): Promise<void>;
  /** Throws a DatabaseError if the log isn't the file any more that is flushed. */
  checkLog(): void;
  close(): Promise<void>;
}

const done = Promise.resolve();

/** For databases that may be lost (tests, those of `:memory:`) and those whose commits are the simulator's. */
export class VolatileFiles implements DatabaseFiles {
  readonly #durability: Durability | undefined;

  constructor(durability: Durability | undefined) {
    this.#durability = durability;
  }

  flush(commit: () => void): Promise<void> {
    if (this.#durability !== undefined) return this.#durability.flush(commit);
    commit();
    return done;
  }

  flushLog(): Promise<void> {
    return done;
  }

  flushFile(): Promise<void> {
    return done;
  }

  checkLog(): void {}

  close(): Promise<void> {
    return done;
  }
}
