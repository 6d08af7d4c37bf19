import { DatabaseError } from '../errors.ts';
import type { Row, Writer } from '../database.ts';
import type { Sql, SqlValue } from '../statement.ts';
import { runTasks, type Task } from '../tasks.ts';
import type { WriterConnection } from './writer-connection.ts';

const done = Promise.resolve();

/** What one body of `transact` works with. Its statements run at once; the promises are settled already. */
export class SqliteTransaction implements Writer {
  readonly #connection: WriterConnection;
  /** Others before this one in the batch: a savepoint is needed to undo this one alone. */
  readonly #shared: boolean;
  #savepoint = false;
  #used = false;
  #ended = false;
  #failure: unknown;
  #durableTasks: Task[] | undefined;
  #rollbackTasks: Task[] | undefined;

  constructor(connection: WriterConnection, shared: boolean) {
    this.#connection = connection;
    this.#shared = shared;
  }

  all<R = Row>(query: Sql): Promise<R[]> {
    try {
      this.#check();
      return Promise.resolve(this.#connection.all(query) as R[]);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  get<R = Row>(query: Sql): Promise<R | undefined> {
    try {
      this.#check();
      return Promise.resolve(this.#connection.get(query) as R | undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  run(statement: Sql): Promise<number> {
    try {
      this.#check();
      return Promise.resolve(this.#connection.run(statement));
    } catch (error) {
      return this.#refuse(error);
    }
  }

  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    onConflict?: string,
  ): Promise<void> {
    try {
      this.#check();
      this.#connection.insert(table, columns, rows, onConflict);
      return done;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  lock(..._keys: readonly (string | number)[]): Promise<void> {
    if (this.#used)
      return Promise.reject(new DatabaseError('statement', 'lock comes first in a transaction, and once'));
    this.#used = true;
    return Promise.resolve();
  }

  onDurable(task: Task): void {
    (this.#durableTasks ??= []).push(task);
  }

  onRollback(task: Task): void {
    (this.#rollbackTasks ??= []).push(task);
  }

  /** The first error of a statement: as on PostgreSQL, nothing can follow it, even if the body caught it. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The body is over: whoever kept the writer can't change what comes after. */
  end(): void {
    this.#ended = true;
  }

  /** Makes the body's changes part of the batch. */
  keep(): void {
    if (this.#savepoint) this.#connection.releaseSavepoint();
  }

  /** Undoes this body alone, where it shares the transaction with others. */
  undo(): void {
    if (this.#savepoint) this.#connection.rollbackToSavepoint();
  }

  runDurableTasks(): void {
    if (this.#durableTasks !== undefined) runTasks(this.#durableTasks);
  }

  runRollbackTasks(): void {
    if (this.#rollbackTasks !== undefined) runTasks(this.#rollbackTasks);
  }

  #check(): void {
    if (this.#ended) throw new DatabaseError('statement', 'A writer was used after its transaction ended');
    if (this.#failure !== undefined) throw this.#failure;
    this.#used = true;
    if (this.#shared && !this.#savepoint) {
      this.#connection.savepoint();
      this.#savepoint = true;
    }
  }

  #refuse(error: unknown): Promise<never> {
    this.#failure ??= error;
    return Promise.reject(error as Error);
  }
}
