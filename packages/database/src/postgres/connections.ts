import type { Pool, PoolClient } from 'pg';
import { DatabaseError } from '../errors.ts';
import { fromPostgres } from './errors.ts';

/** The statement was prepared before a change of the schema that gave its result other columns. */
const outdatedPlan = '0A000';

/** Hands out connections of a pool, at most `limit` at a time. */
export class Connections {
  readonly #pool: Pool;
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  constructor(pool: Pool, limit: number, maxWaiting: number) {
    this.#pool = pool;
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws a DatabaseError of kind `busy` if too many wait for a connection. */
  async acquire(): Promise<PoolClient> {
    if (this.#used < this.#limit) this.#used++;
    else await this.#wait();
    try {
      return await this.#pool.connect();
    } catch (error) {
      this.#next();
      throw fromPostgres(error);
    }
  }

  /** Gives the connection back; one that broke, or whose prepared statements are outdated, is thrown away. */
  release(client: PoolClient, error?: unknown): void {
    client.release(error instanceof DatabaseError && (error.kind === 'connection' || error.code === outdatedPlan));
    this.#next();
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new DatabaseError('busy', 'Too many transactions are waiting for the database');
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Passes the place on. */
  #next(): void {
    const wake = this.#waiting.shift();
    if (wake === undefined) this.#used--;
    else wake();
  }
}

export interface SharedConnections {
  transactions: Connections;
  snapshots: Connections;
  singles: Connections;
}

/**
 * Shares `max` connections such that a body of `transact` or `read` can always get one for a single read of its own:
 * the two together never have all of them. `max` is three at least.
 */
export function shareConnections(pool: Pool, max: number, maxWaiting: number): SharedConnections {
  const transactions = Math.max(1, Math.ceil((max - 1) * 0.6));
  return {
    transactions: new Connections(pool, transactions, maxWaiting),
    snapshots: new Connections(pool, max - 1 - transactions, maxWaiting),
    singles: new Connections(pool, max, maxWaiting),
  };
}
