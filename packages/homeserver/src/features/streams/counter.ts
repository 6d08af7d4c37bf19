import { sql, type Database } from '@myelin/database';

/** Numbers taken from the database at a time; what is left of a block is skipped when the server stops. */
const blockSize = 100_000;

/**
 * Numbers that only grow and are never given out twice, not even after a crash: they come from blocks that are reserved
 * durably before the first number of one is used.
 */
export class Counter {
  readonly #database: Database;
  readonly #name: string;
  #next: number;
  #end: number;
  #reserved: { next: number; end: number } | undefined;
  #reserving = false;

  private constructor(database: Database, name: string, first: number) {
    this.#database = database;
    this.#name = name;
    this.#next = first;
    this.#end = first + blockSize;
  }

  static async open(database: Database, name: string): Promise<Counter> {
    return new Counter(database, name, await reserveBlock(database, name, blockSize));
  }

  /** The next number. */
  take(): number {
    if (this.#next === this.#end) {
      if (!this.#reserved) throw new Error(`The counter ${this.#name} has run out: its next block isn't reserved yet`);
      ({ next: this.#next, end: this.#end } = this.#reserved);
      this.#reserved = undefined;
    }
    const value = this.#next++;
    if (this.#end - this.#next < blockSize / 2 && !this.#reserved && !this.#reserving) this.#reserveNext();
    return value;
  }

  /** The number that `take` would give out next; all numbers of earlier runs are below the first of this run. */
  peek(): number {
    return this.#next;
  }

  #reserveNext(): void {
    this.#reserving = true;
    void reserveBlock(this.#database, this.#name, blockSize)
      .then((first) => {
        this.#reserved = { next: first, end: first + blockSize };
      })
      .catch(() => {
        // Tried again by the next `take`; the database reports its own failures.
      })
      .finally(() => {
        this.#reserving = false;
      });
  }
}

/** Takes the next `size` numbers of a name out of the table; resolves to the first when that is durable. */
function reserveBlock(database: Database, name: string, size: number): Promise<number> {
  return database.transact(async (writer) => {
    const row = await writer.get<{ next: number }>(sql`INSERT INTO counters (name, next) VALUES (${name}, ${1 + size})
      ON CONFLICT (name) DO UPDATE SET next = counters.next + ${size} RETURNING next`);
    return (row as { next: number }).next - size;
  });
}
