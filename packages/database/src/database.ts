import type { Sql, SqlValue } from './sql.ts';

export type Row = Record<string, SqlValue>;

/** Reads. Rows are plain objects by column name; integers come as numbers, blobs as Uint8Array. */
export interface Reader {
  all<R = Row>(query: Sql): Promise<R[]>;
  get<R = Row>(query: Sql): Promise<R | undefined>;
}

/** Reads and writes inside one transaction. */
export interface Writer extends Reader {
  /** Runs a statement; resolves to the number of rows that it changed. */
  run(statement: Sql): Promise<number>;
  /**
   * Inserts rows in as few round trips as the database allows. `onConflict` is the text behind `ON CONFLICT`,
   * e.g. `DO NOTHING` or `(room_nid, user_nid) DO UPDATE SET membership = excluded.membership`.
   */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    onConflict?: string,
  ): Promise<void>;
  /**
   * PostgreSQL: waits until no other transaction holds one of the keys, and holds them until the transaction is over
   * ("one writer a room"). Must come before anything else in the body, and once. SQLite has one writer anyhow: no effect.
   */
  lock(...keys: readonly (string | number)[]): Promise<void>;
  /** Calls `task` once the transaction is durable (in the order of the transactions), before `transact` resolves. */
  onDurable(task: () => void): void;
  /** Calls `task` if the transaction doesn't take place: the body threw, or the commit failed. */
  onRollback(task: () => void): void;
}

export interface Database {
  readonly dialect: 'sqlite' | 'postgres';

  /** Single reads outside a transaction: they see everything that is durable. Bodies of `transact` may use it too. */
  readonly reader: Reader;

  /** Several reads on one snapshot. */
  read<T>(body: (reader: Reader) => Promise<T>): Promise<T>;

  /**
   * Runs `body` in a transaction and resolves when its effects are on disk. Bodies that run at the same time share
   * a commit (SQLite) or run side by side (PostgreSQL; serialization failures and deadlocks are tried again, so a
   * body must be repeatable). If the body throws, nothing of it is kept and the error is passed on.
   *
   * A body waits for nothing but its writer and quick reads: on SQLite all other writers wait for it. It never calls
   * `transact` itself and waits for that.
   */
  transact<T>(body: (writer: Writer) => Promise<T>): Promise<T>;

  close(): Promise<void>;
}
