import type { Sql, SqlValue } from './statement.ts';

export type Row = Record<string, SqlValue>;

/** Reads. Rows are plain objects by column name; integers come as numbers, blobs as Uint8Array. */
export interface Reader {
  all<R = Row>(query: Sql): Promise<R[]>;
  get<R = Row>(query: Sql): Promise<R | undefined>;
}

/**
 * Reads and writes inside one transaction. Once a statement has failed, the transaction is lost: all that follows is
 * refused, and `transact` rejects, even if the body caught the error. What may conflict is written with `ON CONFLICT`.
 * Statements that don't need each other's answers are best waited for together (`Promise.all`): on PostgreSQL they
 * share the way to the server and back.
 */
export interface Writer extends Reader {
  /** Runs a statement; resolves to the number of rows that it changed. */
  run(statement: Sql): Promise<number>;
  /**
   * Inserts rows in as few round trips as the database allows. `onConflict` is the text behind `ON CONFLICT`,
   * e.g. `DO NOTHING` or `(room_nid, user_nid) DO UPDATE SET membership = excluded.membership`. The rows of one call
   * don't conflict with each other: PostgreSQL refuses to update a row twice in a statement.
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

  /** Several reads on one snapshot. Short: an old snapshot keeps SQLite's log and PostgreSQL's dead rows from going. */
  read<T>(body: (reader: Reader) => Promise<T>): Promise<T>;

  /**
   * Runs `body` in a transaction and resolves when its effects are on disk. Bodies that run at the same time share
   * a commit (SQLite) or run side by side (PostgreSQL; serialization failures and deadlocks are tried again, so a
   * body must be repeatable). If the body throws, nothing of it is kept and the error is passed on.
   *
   * On PostgreSQL (REPEATABLE READ) two bodies that change the same row don't both succeed without seeing each other,
   * but two that each read what the other writes, and write elsewhere, may. Where that matters, the body takes a
   * `lock`, or writes the row that it relies on, or a unique constraint says it.
   *
   * A body waits for nothing but its writer and quick reads: on SQLite all other writers wait for it. It never calls
   * `transact` itself and waits for that.
   */
  transact<T>(body: (writer: Writer) => Promise<T>): Promise<T>;

  close(): Promise<void>;
}
