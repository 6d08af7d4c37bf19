import type { Database, Reader, Writer } from '../database.ts';
import { DatabaseError } from '../errors.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { DatabaseFiles } from './durability.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteConnections } from './kept-connections.ts';
import type { SqliteReaders } from './readers.ts';
import type { WriterConnection } from './writer-connection.ts';

export interface SqliteParts {
  writer: WriterConnection;
  readers: SqliteReaders;
  commits: GroupCommit;
  files: DatabaseFiles;
  checkpointer: Checkpointer;
  connections: SqliteConnections;
  /** Called after all files are closed. */
  remove?: () => void;
}

export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  readonly reader: Reader;
  readonly #parts: SqliteParts;
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    this.reader = parts.readers;
  }

  read<T>(body: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#parts.readers.snapshot(body);
  }

  transact<T>(body: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#parts.commits.transact(body);
  }

  /**
   * For the simulator: ends as a process does that is killed. What wasn't committed is gone, and whoever waits for
   * this database waits for ever.
   */
  crash(): void {
    const { writer, readers, commits, checkpointer, connections, remove } = this.#parts;
    this.#closing = Promise.resolve();
    commits.abandon();
    checkpointer.abandon();
    readers.close(true);
    connections.close(writer);
    remove?.();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { writer, readers, commits, files, checkpointer, connections, remove } = this.#parts;
    commits.refuse(new DatabaseError('closed', 'The database is closed'));
    await commits.whenIdle();
    commits.fail(new DatabaseError('closed', 'The database is closed'));
    await checkpointer.close();
    readers.close();
    connections.close(writer);
    await files.close();
    remove?.();
  }
}
