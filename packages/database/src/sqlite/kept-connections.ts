import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteConnection } from './connection.ts';
import type { WriterConnection } from './writer-connection.ts';

/** Pages of the write-ahead log after which it is emptied between two databases. */
const longestLog = 8_000;

/** A table, and what it held at first. */
interface KeptTable {
  readonly probe: StatementSync;
  readonly clear: StatementSync;
  readonly refill: StatementSync;
  readonly rows: readonly SQLInputValue[][];
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

  writer(open: () => WriterConnection): WriterConnection {
    if (this.#writer === undefined) {
      this.#writer = open();
      this.#tables = tablesOf(this.#writer);
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

  /** Gives all tables the contents that they had when the file was first opened. While no database is open. */
  restore(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    writer.exec('BEGIN IMMEDIATE');
    for (const { probe, clear, refill, rows } of this.#tables) {
      if (probe.get() !== undefined) clear.run();
      for (const row of rows) refill.run(...row);
    }
    writer.exec('COMMIT');
    writer.readLogState();
    if (writer.logFrames > longestLog) writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Closes them for good. */
  end(): void {
    for (const connection of this.#idleReaders.splice(0)) connection.close();
    this.#writer?.close();
    this.#writer = undefined;
    this.#tables = [];
  }
}

function tablesOf(writer: WriterConnection): KeptTable[] {
  const names = writer
    .prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite%'`,
    )
    .all()
    .map(({ name }) => `"${String(name)}"`);
  return names.map((name) => {
    const all = writer.prepare(`SELECT * FROM ${name}`);
    all.setReturnArrays(true);
    const rows = all.all() as unknown as SQLInputValue[][];
    return {
      probe: writer.prepare(`SELECT 1 FROM ${name} LIMIT 1`),
      clear: writer.prepare(`DELETE FROM ${name}`),
      refill: writer.prepare(
        `INSERT INTO ${name} VALUES (${all
          .columns()
          .map(() => '?')
          .join(', ')})`,
      ),
      rows,
    };
  });
}
