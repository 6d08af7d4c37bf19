import { reserveBlock, type Database, type NumberBlock } from '@myelin/database';

/** Numbers taken from the database at a time; what is left of a block is skipped when the server stops. */
export const blockSize = 100_000;

/**
 * Numbers that only grow and are never given out twice, not even after a crash: they come from blocks that are reserved
 * durably before the first number of one is used. `Counters` opens them.
 */
export class Counter {
  readonly #database: Database;
  readonly #name: string;
  #next: number;
  #last: number;
  #reserved: NumberBlock | undefined;
  #reserving = false;

  constructor(database: Database, name: string, { first, last }: NumberBlock) {
    this.#database = database;
    this.#name = name;
    this.#next = first;
    this.#last = last;
  }

  /** The next number. */
  take(): number {
    if (this.#next > this.#last) {
      if (!this.#reserved) throw new Error(`The counter ${this.#name} has run out: its next block isn't reserved yet`);
      ({ first: this.#next, last: this.#last } = this.#reserved);
      this.#reserved = undefined;
    }
    const value = this.#next++;
    if (this.#last - this.#next < blockSize / 2 && !this.#reserved && !this.#reserving) this.#reserveNext();
    return value;
  }

  /** The number that `take` would give out next; all numbers of earlier runs are below the first of this run. */
  peek(): number {
    return this.#next;
  }

  #reserveNext(): void {
    this.#reserving = true;
    void reserveBlock(this.#database, this.#name, blockSize)
      .then((block) => {
        this.#reserved = block;
      })
      .catch(() => {
        // Tried again by the next `take`; the database reports its own failures.
      })
      .finally(() => {
        this.#reserving = false;
      });
  }
}
