import { reserveBlock, reserveBlocks, type Database, type NumberBlock } from '@myelin/database';
import { blockSize, Counter } from './counter.ts';
import type { CounterName } from './counter-names.ts';

type Reserve = (name: string) => Promise<NumberBlock>;

/** The counters of a server. All that are known beforehand get their next numbers in one transaction. */
export class Counters {
  readonly #database: Database;
  readonly #reserved: Map<string, NumberBlock>;
  readonly #reserve: Reserve;

  private constructor(database: Database, reserved: Map<string, NumberBlock>, reserve: Reserve) {
    this.#database = database;
    this.#reserved = reserved;
    this.#reserve = reserve;
  }

  /** `names`: those that will be opened. One that isn't among them, and that no earlier run has used, costs a transaction of its own. */
  static async open(database: Database, names: readonly CounterName[] = []): Promise<Counters> {
    const reserve: Reserve = (name) => reserveBlock(database, name, blockSize);
    return new Counters(database, await reserveBlocks(database, blockSize, names), reserve);
  }

  /** For those who only read: nothing is reserved, and there are no numbers to take. */
  static empty(database: Database): Counters {
    return new Counters(database, new Map(), async () => ({ first: 1, last: 0 }));
  }

  /** The numbers of a name, from 1. Whoever opens the name again gets numbers of their own. */
  async open(name: CounterName): Promise<Counter> {
    const block = this.#reserved.get(name) ?? (await this.#reserve(name));
    this.#reserved.delete(name);
    return new Counter(this.#database, name, block);
  }
}
