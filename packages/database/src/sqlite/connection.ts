import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { BoundedMap } from '../bounded-map.ts';
import { compile, hasOnlyValues } from '../compile.ts';
import { isDdl } from '../ddl.ts';
import { rowMaker, type RowMaker } from '../rows.ts';
import { sql } from '../sql.ts';
import type { Sql, SqlValue } from '../statement.ts';
import { fromSqlite } from './errors.ts';

/** Texts of composed statements that stay compiled on a connection. */
const composedStatements = 256;

type Values = readonly SqlValue[];

interface Prepared {
  statement: StatementSync;
  columns: number;
  makeRow: RowMaker;
}

/** One SQLite connection with its compiled statements. Everything here is synchronous and throws DatabaseErrors. */
export class SqliteConnection {
  readonly path: string;
  readonly #handle: DatabaseSync;
  readonly #byTemplate = new WeakMap<readonly string[], Prepared>();
  #begin: StatementSync | undefined;
  #touch: StatementSync | undefined;
  #commit: StatementSync | undefined;
  readonly #byText = new BoundedMap<string, Prepared>(composedStatements);

  /** Waits up to a second for locks while opening, and `busyMs` afterwards: such a wait stops everything. */
  constructor(path: string, pragmas: readonly string[], busyMs: number, options: { readonly readOnly?: true } = {}) {
    this.path = path;
    try {
      this.#handle = new DatabaseSync(path, { timeout: 1000, ...options });
      for (const pragma of [...pragmas, `busy_timeout = ${busyMs}`]) this.#handle.exec(`PRAGMA ${pragma}`);
    } catch (error) {
      throw fromSqlite(error, path);
    }
  }

  get inTransaction(): boolean {
    return this.#handle.isTransaction;
  }

  /** Runs text of our own without values. */
  exec(text: string): void {
    try {
      this.#handle.exec(text);
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  /** Compiles text of our own that is run often; the caller handles SQLite's errors. */
  prepare(text: string): StatementSync {
    return this.#handle.prepare(text);
  }

  all(query: Sql): unknown[] {
    try {
      const { prepared, values } = this.#find(query);
      const rows = prepared.statement.all(...(values as SQLInputValue[])) as unknown as SqlValue[][];
      if (rows.length === 0) return rows;
      const makeRow = rowMakerFor(prepared, rows[0] as SqlValue[]);
      const made = rows as unknown[];
      for (let i = 0; i < rows.length; i++) made[i] = makeRow(rows[i] as SqlValue[]);
      return made;
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  get(query: Sql): unknown {
    try {
      const { prepared, values } = this.#find(query);
      const row = prepared.statement.get(...(values as SQLInputValue[])) as unknown as SqlValue[] | undefined;
      return row === undefined ? undefined : rowMakerFor(prepared, row)(row);
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  /** The number of rows that the statement changed. */
  run(query: Sql): number {
    try {
      const { prepared, values } = this.#find(query);
      return Number(prepared.statement.run(...(values as SQLInputValue[])).changes);
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  /** Begins a read transaction and takes its snapshot at once (`BEGIN` alone takes it with the first read). */
  beginSnapshot(): void {
    try {
      this.#begin ??= this.#handle.prepare('BEGIN');
      this.#touch ??= this.#handle.prepare('SELECT 1 FROM sqlite_schema LIMIT 1');
      this.#begin.run();
      this.#touch.get();
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  endSnapshot(): void {
    try {
      this.#commit ??= this.#handle.prepare('COMMIT');
      this.#commit.run();
    } catch (error) {
      throw fromSqlite(error, this.path);
    }
  }

  /** Writes something without changing anything. */
  rewriteVersion(): void {
    const version = this.get(sql`PRAGMA user_version`) as { user_version: number };
    this.exec(`PRAGMA user_version = ${version.user_version}`);
  }

  close(): void {
    if (this.#handle.isOpen) this.#handle.close();
  }

  #find(query: Sql): { prepared: Prepared; values: Values } {
    const { strings } = query;
    if (hasOnlyValues(query)) {
      const known = this.#byTemplate.get(strings);
      if (known !== undefined) return { prepared: known, values: query.parts as Values };
      if ('raw' in strings) {
        const text = strings.join('?');
        const prepared = this.#prepareRows(text);
        // Statements that change the schema run once.
        if (!isDdl(text)) this.#byTemplate.set(strings, prepared);
        return { prepared, values: query.parts as Values };
      }
    }
    const { text, values } = compile(query, 'sqlite');
    let prepared = this.#byText.get(text);
    if (prepared === undefined) {
      prepared = this.#prepareRows(text);
      this.#byText.set(text, prepared);
    }
    return { prepared, values: values as Values };
  }

  #prepareRows(text: string): Prepared {
    const statement = this.#handle.prepare(withoutSeenLimits(text));
    statement.setReturnArrays(true);
    return { statement, ...makerOf(statement) };
  }
}

/**
 * SQLite looks at the value of `LIMIT ?` when it plans a statement, and so compiles it anew whenever another value is bound,
 * the same one too: that is most of the time of a short read. It doesn't look into expressions.
 */
function withoutSeenLimits(text: string): string {
  return text.replace(/\b(LIMIT|OFFSET) \?/g, '$1 (? + 0)');
}

function makerOf(statement: StatementSync): { columns: number; makeRow: RowMaker } {
  const names = statement.columns().map((column) => column.name);
  return { columns: names.length, makeRow: rowMaker(names) };
}

/** SQLite compiles a statement again when the schema has changed: `SELECT *` may give more columns than it did. */
function rowMakerFor(prepared: Prepared, row: readonly SqlValue[]): RowMaker {
  if (row.length !== prepared.columns) Object.assign(prepared, makerOf(prepared.statement));
  return prepared.makeRow;
}
