import type { Runtime } from '@myelin/runtime';
import type { Database, Reader, Row, Writer } from '../database.ts';
import { DatabaseError } from '../errors.ts';
import type { Sql } from '../sql.ts';
import { isRetryable } from './errors.ts';
import { acquire, release, send } from './session.ts';
import { PostgresTransaction, type PostgresParts } from './transaction.ts';

const maxAttempts = 20;

const beginWriting = 'BEGIN ISOLATION LEVEL REPEATABLE READ';
const beginReading = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export class PostgresDatabase implements Database {
  readonly dialect = 'postgres';
  readonly reader: Reader;
  readonly #parts: PostgresParts;
  readonly #timers: Runtime['timers'];
  #closing: Promise<void> | undefined;

  constructor(parts: PostgresParts, timers: Runtime['timers']) {
    this.#parts = parts;
    this.#timers = timers;
    this.reader = new SingleReads(parts);
  }

  async read<T>(body: (reader: Reader) => Promise<T>): Promise<T> {
    this.#checkOpen();
    const transaction = new PostgresTransaction(this.#parts, beginReading);
    try {
      return await body(transaction);
    } finally {
      await transaction.rollback();
    }
  }

  async transact<T>(body: (writer: Writer) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      this.#checkOpen();
      const transaction = new PostgresTransaction(this.#parts, beginWriting);
      const outcome = await this.#attempt(transaction, body);
      if ('value' in outcome) {
        transaction.runDurableTasks();
        return outcome.value;
      }
      transaction.runRollbackTasks();
      if (!isRetryable(outcome.error)) throw outcome.error;
      if (attempt === maxAttempts) throw new DatabaseError('busy', 'A transaction met others again and again; it was given up');
      await this.#timers.sleep(Math.min(attempt, 10) * 2);
    }
  }

  async #attempt<T>(transaction: PostgresTransaction, body: (writer: Writer) => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    try {
      const value = await body(transaction);
      await transaction.commit();
      return { value };
    } catch (error) {
      await transaction.rollback();
      // The body may have caught the statement's error and thrown its own.
      return { error: isRetryable(transaction.failure) ? transaction.failure : error };
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#parts.pool.end());
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new DatabaseError('closed', 'The database is closed');
  }
}

/** Each read on any connection that is free. */
class SingleReads implements Reader {
  readonly #parts: PostgresParts;

  constructor(parts: PostgresParts) {
    this.#parts = parts;
  }

  async all<R = Row>(query: Sql): Promise<R[]> {
    const { pool, maxWaiting, statements, rows } = this.#parts;
    if (pool.ending) throw new DatabaseError('closed', 'The database is closed');
    const statement = statements.find(query);
    const client = await acquire(pool, maxWaiting);
    let failure: unknown;
    try {
      return rows.all(await send(client, statement)) as R[];
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release(client, failure);
    }
  }

  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }
}
