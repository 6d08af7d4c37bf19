import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { checkRow, InsertCache, insertText } from '../insert.ts';
import type { SqlValue } from '../statement.ts';
import { SqliteConnection } from './connection.ts';
import { fromSqlite } from './errors.ts';

/** The one connection that writes. */
export class WriterConnection extends SqliteConnection {
  readonly #inserts = new InsertCache<StatementSync>();
  readonly #begin = this.prepare('BEGIN IMMEDIATE');
  readonly #commit = this.prepare('COMMIT');
  readonly #savepoint = this.prepare('SAVEPOINT body');
  readonly #release = this.prepare('RELEASE body');

  readonly #logState = this.prepare('PRAGMA wal_checkpoint(NOOP)');

  /** Pages in the write-ahead log after the last commit. */
  logFrames = 0;

  /** Whether `logFrames` is kept up to date. */
  watchesLog = true;

  begin(): void {
    this.#execute(this.#begin);
  }

  commit(): void {
    this.#execute(this.#commit);
    if (this.watchesLog) this.readLogState();
  }

  /** Brings `logFrames` up to date. Not while a transaction is open. */
  readLogState(): void {
    this.logFrames = Number(this.#logState.get()?.['log'] ?? 0);
  }

  savepoint(): void {
    this.#execute(this.#savepoint);
  }

  releaseSavepoint(): void {
    this.#execute(this.#release);
  }

  rollbackToSavepoint(): void {
    this.exec('ROLLBACK TO body; RELEASE body');
  }

  /** Undoes the open transaction. Some errors (a full disk, for one) have made SQLite do it already. */
  rollback(): void {
    if (this.inTransaction) this.exec('ROLLBACK');
  }

  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    onConflict: string | undefined,
  ): void {
    try {
      const statement = this.#inserts.find(table, columns, onConflict, () => {
        const placeholders = `(${columns.map(() => '?').join(', ')})`;
        return this.prepare(insertText(table, columns, placeholders, onConflict));
      });
      for (const row of rows) {
        checkRow(table, columns, row);
        statement.run(...(row as SQLInputValue[]));
      }
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  #execute(statement: StatementSync): void {
    try {
      statement.run();
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }
}
