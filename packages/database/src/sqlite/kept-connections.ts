import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteConnection } from './connection.ts';
import type { WriterConnection } from './writer-connection.ts';
import { watchWrites } from './written-tables.ts';

/** Pages of the write-ahead log after which it begins anew between two databases. */
const longestLog = 2_000;

type Rows = readonly SQLInputValue[][];

/** All that is in a database: the rows of its tables, by the table's name. */
export type SqliteContents = ReadonlyMap<string, Rows>;

interface KeptTable {
  readonly name: string;
  /** As statements call it. */
  readonly plain: string;
  /** FTS5's tables tell their rows without what is in them. */
  readonly isVirtual: boolean;
  readonly probe: StatementSync;
  readonly read: StatementSync;
  readonly clear: StatementSync;
  readonly refill: StatementSync;
}

/** Where the connections of a database come from, and go when it is closed or crashes. */
export interface SqliteConnections {
  writer(open: () => WriterConnection): WriterConnection;
  reader(open: () => SqliteConnection): SqliteConnection;
  close(connection: SqliteConnection): void;
}

export const freshConnections: SqliteConnections = {
  writer: (open) => open(),
  reader: (open) => open(),
  close: (connection) => connection.close(),
};

/**
 * For the simulator, which opens and crashes thousands of databases: the connections to one file stay open, and the next
 * database on it takes them over, with all that they have compiled. What a killed process would leave undone is rolled
 * back. One database at a time.
 */
export class KeptConnections implements SqliteConnections {
  #writer: WriterConnection | undefined;
  readonly #idleReaders: SqliteConnection[] = [];
  #tables: readonly KeptTable[] = [];
  /** When the file was first opened. */
  #initial: SqliteContents = new Map();
  /** What the tables hold that nothing was written into since. */
  #restored: SqliteContents = new Map();
  #written = new Set<string | undefined>();

  writer(open: () => WriterConnection): WriterConnection {
    if (this.#writer === undefined) {
      this.#writer = open();
      this.#tables = tablesOf(this.#writer);
      this.#initial = this.#restored = this.contents();
      this.#written = watchWrites(this.#writer);
    }
    return this.#writer;
  }

  reader(open: () => SqliteConnection): SqliteConnection {
    return this.#idleReaders.pop() ?? open();
  }

  close(connection: SqliteConnection): void {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    if (connection !== this.#writer) this.#idleReaders.push(connection);
  }

  /** What is in the tables. While no database is open, after there was one. Throws if something is in a virtual table. */
  contents(): SqliteContents {
    const filled = this.#tables.filter(({ probe }) => probe.get() !== undefined);
    const virtual = filled.find(({ isVirtual }) => isVirtual);
    if (virtual) throw new Error(`The contents of ${virtual.name} can't be read`);
    return new Map(filled.map(({ name, read }) => [name, read.all() as unknown as Rows]));
  }

  /** Gives all tables these contents, or those that they had when the file was first opened. While no database is open. */
  restore(contents: SqliteContents = this.#initial): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    writer.exec('BEGIN IMMEDIATE');
    for (const { name, plain, probe, clear, refill } of this.#tables) {
      const rows = contents.get(name) ?? [];
      const isUntouched = !this.#written.has(plain) && !this.#written.has(undefined);
      if (isUntouched && areAlike(rows, this.#restored.get(name) ?? [])) continue;
      if (probe.get() !== undefined) clear.run();
      for (const row of rows) refill.run(...row);
    }
    writer.exec('COMMIT');
    this.#restored = contents;
    this.#written.clear();
    writer.readLogState();
    // The file keeps its length: to write over what is there costs a third less than to let it grow again.
    if (writer.logFrames > longestLog) writer.exec('PRAGMA wal_checkpoint(RESTART)');
  }

  /** Closes them for good. */
  end(): void {
    for (const connection of this.#idleReaders.splice(0)) connection.close();
    this.#writer?.close();
    this.#writer = undefined;
    this.#tables = [];
  }
}

function areAlike(some: Rows, others: Rows): boolean {
  if (some === others) return true;
  return some.length === others.length && some.every((row, i) => isSameRow(row, others[i] as SQLInputValue[]));
}

function isSameRow(row: readonly SQLInputValue[], other: readonly SQLInputValue[]): boolean {
  return row.every((value, i) => {
    const its = other[i];
    if (value instanceof Uint8Array && its instanceof Uint8Array) return Buffer.compare(value, its) === 0;
    return value === its;
  });
}

function tablesOf(writer: WriterConnection): KeptTable[] {
  const tables = writer
    .prepare(
      `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite%'`,
    )
    .all();
  return tables.map(({ name: plain, type }) => {
    const name = `"${String(plain)}"`;
    const read = writer.prepare(`SELECT * FROM ${name}`);
    read.setReturnArrays(true);
    const places = read.columns().map(() => '?');
    return {
      name,
      plain: String(plain),
      isVirtual: type === 'virtual',
      probe: writer.prepare(`SELECT 1 FROM ${name} LIMIT 1`),
      read,
      clear: writer.prepare(`DELETE FROM ${name}`),
      refill: writer.prepare(`INSERT INTO ${name} VALUES (${places.join(', ')})`),
    };
  });
}
