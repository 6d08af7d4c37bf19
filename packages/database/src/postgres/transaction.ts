import type { PoolClient } from 'pg';
import type { Row, Writer } from '../database.ts';
import { DatabaseError } from '../errors.ts';
import type { Sql, SqlValue } from '../statement.ts';
import { runTasks, type Task } from '../tasks.ts';
import type { Connections, SharedConnections } from './connections.ts';
import type { Inserts } from './inserts.ts';
import { advisoryKey, type KeyedLocks } from './keyed-locks.ts';
import { send, type Result, type Rows } from './session.ts';
import type { NamedStatement, Statements } from './statements.ts';

/** What all transactions of a database share. */
export interface PostgresParts {
  connections: SharedConnections;
  statements: Statements;
  inserts: Inserts;
  rows: Rows;
  locks: KeyedLocks;
}

/**
 * One transaction. It takes a connection with its first statement; what is sent without waiting (its beginning, the
 * freeing of locks, groups of rows) shares the network's way with what follows.
 */
export class PostgresTransaction implements Writer {
  readonly #parts: PostgresParts;
  readonly #connections: Connections;
  readonly #begin: string;
  #client: Promise<PoolClient> | undefined;
  #unlock: (() => void) | undefined;
  #locked = false;
  #ended = false;
  #failure: unknown;
  readonly #durableTasks: Task[] = [];
  readonly #rollbackTasks: Task[] = [];

  constructor(parts: PostgresParts, connections: Connections, begin: string) {
    this.#parts = parts;
    this.#connections = connections;
    this.#begin = begin;
  }

  async all<R = Row>(query: Sql): Promise<R[]> {
    return this.#parts.rows.all(await this.#send(() => this.#parts.statements.find(query))) as R[];
  }

  async get<R = Row>(query: Sql): Promise<R | undefined> {
    return (await this.all<R>(query))[0];
  }

  async run(statement: Sql): Promise<number> {
    return (await this.#send(() => this.#parts.statements.find(statement))).rowCount ?? 0;
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    onConflict?: string,
  ): Promise<void> {
    if (rows.length === 0) return;
    const statements = this.#check(() => this.#parts.inserts.make(table, columns, rows, onConflict));
    await Promise.all(statements.map((statement) => this.#send(() => statement)));
  }

  /**
   * Takes session locks before the transaction's snapshot: a lock taken within it would leave it with the state from
   * before the wait, and its changes would be refused.
   */
  async lock(...keys: readonly (string | number)[]): Promise<void> {
    this.#check(() => {
      if (this.#client !== undefined || this.#locked)
        throw new DatabaseError('statement', 'lock comes first in a transaction, and once');
    });
    this.#locked = true;
    const names = [...new Set(keys.map(String))].sort();
    this.#unlock = await this.#parts.locks.acquire(names);
    try {
      const client = await this.#connections.acquire();
      this.#client = Promise.resolve(client);
      const waits = names.map((name) =>
        send(client, { name: 'lock', text: 'SELECT pg_advisory_lock($1::bigint)', values: [advisoryKey(name)] }),
      );
      await Promise.all([...waits, send(client, { text: this.#begin, values: [] })]);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  onDurable(task: Task): void {
    this.#durableTasks.push(task);
  }

  onRollback(task: Task): void {
    this.#rollbackTasks.push(task);
  }

  /** The first error of a statement; the server refuses all that follows it. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Resolves when the transaction is on the server's disk. */
  async commit(): Promise<void> {
    this.#ended = true;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#client === undefined) return this.#unlock?.();
    const client = await this.#client;
    try {
      const result = await this.#end(client, 'COMMIT');
      // A transaction in which a statement failed unnoticed ends with a rollback.
      if (result.command !== 'COMMIT') throw new DatabaseError('statement', 'A statement of the transaction failed');
    } catch (error) {
      this.#failure ??= error;
      if (!(error instanceof DatabaseError) || error.kind !== 'connection') throw error;
      throw new DatabaseError('connection', `${error.message}; whether the transaction took place is not known`, {
        outcomeUnknown: true,
      });
    } finally {
      this.#client = undefined;
      this.#free(client);
    }
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    const started = this.#client;
    this.#client = undefined;
    if (started === undefined) return this.#unlock?.();
    try {
      const client = await started;
      try {
        await this.#end(client, 'ROLLBACK');
      } catch (error) {
        this.#failure = error;
      }
      this.#free(client);
    } catch {
      // There was no connection to be had: nothing to undo.
      this.#unlock?.();
    }
  }

  runDurableTasks(): void {
    runTasks(this.#durableTasks);
  }

  runRollbackTasks(): void {
    runTasks(this.#rollbackTasks);
  }

  /** Ends the transaction and frees its locks in one go. */
  async #end(client: PoolClient, text: string): Promise<Result> {
    const ended = send(client, { text, values: [] });
    if (!this.#locked) return await ended;
    const [result] = await Promise.all([ended, send(client, { text: 'SELECT pg_advisory_unlock_all()', values: [] })]);
    return result;
  }

  #free(client: PoolClient): void {
    this.#connections.release(client, this.#failure);
    this.#unlock?.();
  }

  async #send(make: () => NamedStatement): Promise<Result> {
    const statement = this.#check(make);
    try {
      const client = await (this.#client ??= this.#start());
      return await send(client, statement);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  async #start(): Promise<PoolClient> {
    const client = await this.#connections.acquire();
    // Not waited for: if it fails, so does what follows.
    send(client, { text: this.#begin, values: [] }).catch((error: unknown) => (this.#failure ??= error));
    return client;
  }

  #check<T>(make: () => T): T {
    if (this.#ended) throw new DatabaseError('statement', 'A writer was used after its transaction ended');
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return make();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }
}
