import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { checkValue } from '../compile.ts';
import { insertText } from '../insert.ts';
import type { SqlValue } from '../sql.ts';
import { SqliteConnection } from './connection.ts';
import { fromSqlite } from './errors.ts';

interface PreparedInsert {
  columns: readonly string[];
  onConflict: string | undefined;
  statement: StatementSync;
}

/** The one connection that writes. */
export class WriterConnection extends SqliteConnection {
  readonly #inserts = new Map<string, PreparedInsert[]>();
  readonly #begin = this.prepare('BEGIN IMMEDIATE');
  readonly #commit = this.prepare('COMMIT');
  readonly #savepoint = this.prepare('SAVEPOINT body');
  readonly #release = this.prepare('RELEASE body');

  readonly #logState = this.prepare('PRAGMA wal_checkpoint(NOOP)');

  /** Pages in the write-ahead log after the last commit. */
  logFrames = 0;

  /** Moves what it can of the log into the database file. */
  checkpoint(): void {
    this.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  begin(): void {
    this.#execute(this.#begin);
  }

  commit(): void {
    this.#execute(this.#commit);
    // Can't be asked while a transaction is open.
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

  insert(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[], onConflict: string | undefined): void {
    const statement = this.#insertStatement(table, columns, onConflict);
    try {
      for (const row of rows) {
        if (row.length !== columns.length) throw new TypeError(`A row for ${table} has ${row.length} values for ${columns.length} columns`);
        for (const value of row) checkValue(value);
        statement.run(...(row as SQLInputValue[]));
      }
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  #insertStatement(table: string, columns: readonly string[], onConflict: string | undefined): StatementSync {
    let known = this.#inserts.get(table);
    if (known === undefined) this.#inserts.set(table, (known = []));
    for (const insert of known) {
      if (insert.onConflict === onConflict && sameNames(insert.columns, columns)) return insert.statement;
    }
    try {
      const placeholders = `(${columns.map(() => '?').join(', ')})`;
      const statement = this.prepare(insertText(table, columns, placeholders, onConflict));
      known.push({ columns: [...columns], onConflict, statement });
      return statement;
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

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
