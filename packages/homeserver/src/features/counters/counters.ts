import { reserveBlock, reserveBlocks, type Database, type NumberBlock } from '@myelin/database';
import { blockSize, Counter } from './counter.ts';

/** The counters of a server. Those that an earlier run has used get their next numbers in one transaction. */
export class Counters {
  readonly #database: Database;
  readonly #reserved: Map<string, NumberBlock>;

  private constructor(database: Database, reserved: Map<string, NumberBlock>) {
    this.#database = database;
    this.#reserved = reserved;
  }

  static async open(database: Database): Promise<Counters> {
    return new Counters(database, await reserveBlocks(database, blockSize));
  }

  /** The numbers of a name, from 1. Whoever opens the name again gets numbers of their own. */
  async open(name: string): Promise<Counter> {
    const block = this.#reserved.get(name) ?? (await reserveBlock(this.#database, name, blockSize));
    this.#reserved.delete(name);
    return new Counter(this.#database, name, block);
  }
}
