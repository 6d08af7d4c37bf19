import type { Runtime } from '@myelin/runtime';
import type { Pool } from 'pg';
import type { Database, Reader, Row, Writer } from '../database.ts';
import { DatabaseError, isUniqueViolation } from '../errors.ts';
import type { Sql } from '../statement.ts';
import { isRetryable } from './errors.ts';
import { send } from './session.ts';
import { PostgresTransaction, type PostgresParts } from './transaction.ts';

const maxAttempts = 20;

/**
 * A body that looked for a row, found none and inserted it meets the row of another body that did the same: with a
 * snapshot from before, that is a unique violation. Tried again it sees the row, as it would have on SQLite.
 */
const uniqueRetries = 2;

const beginWriting = 'BEGIN ISOLATION LEVEL REPEATABLE READ';
const beginReading = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export class PostgresDatabase implements Database {
  readonly dialect = 'postgres';
  readonly reader: Reader;
  readonly #pool: Pool;
  readonly #parts: PostgresParts;
  readonly #timers: Runtime['timers'];
  readonly #work: OpenWork;
  #closing: Promise<void> | undefined;

  constructor(pool: Pool, parts: PostgresParts, timers: Runtime['timers']) {
    this.#pool = pool;
    this.#parts = parts;
    this.#timers = timers;
    this.#work = new OpenWork();
    this.reader = new SingleReads(parts, this.#work);
  }

  read<T>(body: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#work.run(async () => {
      const transaction = new PostgresTransaction(this.#parts, this.#parts.connections.snapshots, beginReading);
      try {
        return await body(transaction);
      } finally {
        await transaction.rollback();
      }
    });
  }

  transact<T>(body: (writer: Writer) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new DatabaseError('closed', 'The database is closed'));
    return this.#work.run(() => this.#transact(body));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#work.end().then(() => this.#pool.end()));
  }

  async #transact<T>(body: (writer: Writer) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const transaction = new PostgresTransaction(this.#parts, this.#parts.connections.transactions, beginWriting);
      const outcome = await this.#attempt(transaction, body);
      if ('value' in outcome) {
        transaction.runDurableTasks();
        return outcome.value;
      }
      transaction.runRollbackTasks();
      // What the server refused: the body may have caught that and thrown an error of its own.
      const refusal = transaction.failure ?? outcome.error;
      const again = isRetryable(refusal) || (isUniqueViolation(refusal) && attempt <= uniqueRetries);
      if (!again) throw outcome.error;
      if (attempt === maxAttempts)
        throw new DatabaseError('busy', 'A transaction met others again and again; it was given up');
      await this.#timers.sleep(Math.min(attempt, 10) * 2);
    }
  }

  async #attempt<T>(
    transaction: PostgresTransaction,
    body: (writer: Writer) => Promise<T>,
  ): Promise<{ value: T } | { error: unknown }> {
    try {
      const value = await body(transaction);
      await transaction.commit();
      return { value };
    } catch (error) {
      await transaction.rollback();
      return { error };
    }
  }
}

/** Counts what is under way, which `close` waits for: until then bodies can go on reading. */
class OpenWork {
  #count = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) throw new DatabaseError('closed', 'The database is closed');
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      if (this.#count === 0) this.#wake?.();
    }
  }

  async end(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#ended = true;
  }
}

/** Each read on any connection that is free. */
class SingleReads implements Reader {
  readonly #parts: PostgresParts;
  readonly #work: OpenWork;

  constructor(parts: PostgresParts, work: OpenWork) {
    this.#parts = parts;
    this.#work = work;
  }

  all<R = Row>(query: Sql): Promise<R[]> {
    return this.#work.run(() => this.#all<R>(query));
  }

  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }

  async #all<R>(query: Sql): Promise<R[]> {
    const { connections, statements, rows } = this.#parts;
    const statement = statements.find(query);
    const client = await connections.singles.acquire();
    let failure: unknown;
    try {
      return rows.all(await send(client, statement)) as R[];
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      connections.singles.release(client, failure);
    }
  }
}
