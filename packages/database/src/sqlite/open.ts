import { join } from 'node:path';
import type { Runtime } from '@myelin/runtime';
import { DatabaseError } from '../errors.ts';
import type { SqliteOptions } from '../options.ts';
import { CheckpointConnection } from './checkpoint-connection.ts';
import { Checkpointer } from './checkpointer.ts';
import { SqliteConnection } from './connection.ts';
import { SqliteDatabase } from './database.ts';
import { DurableFiles } from './durable-files.ts';
import { VolatileFiles } from './durability.ts';
import { GroupCommit } from './group-commit.ts';
import { freshConnections } from './kept-connections.ts';
import { SqliteReaders } from './readers.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { WriterConnection } from './writer-connection.ts';

/** Pages of the log after which they are moved into the database file: 4 MB. */
const logLimit = 1000;

const defaultLimits = { maxBatchMs: 10, maxBodyMs: 60_000, maxBusyMs: 5000 };

/** Opens or creates the file. Throws DatabaseErrors: `readonly`, `corrupt`, `busy`. */
export async function openSqlite(
  options: SqliteOptions,
  runtime: Pick<Runtime, 'clock' | 'timers'>,
): Promise<SqliteDatabase> {
  const temporary = options.path === ':memory:' ? temporaryFolder() : undefined;
  const path = temporary === undefined ? options.path : join(temporary.path, 'database');
  const isVolatile = temporary !== undefined || options.durability !== undefined;
  const connections = options.connections ?? freshConnections;
  const writer = connections.writer(() => openWriter(path, options, isVolatile));
  writer.watchesLog = !isVolatile || options.logPages !== Number.POSITIVE_INFINITY;
  const { clock, timers } = runtime;
  const readers = new SqliteReaders({
    open: () => connections.reader(() => openReader(path, options)),
    close: (connection) => connections.close(connection),
    clock,
    isAlone: options.connections !== undefined,
  });
  const files = isVolatile ? new VolatileFiles(options.durability) : new DurableFiles(path);
  const limits = { ...defaultLimits, maxBatch: options.maxBatch ?? 64, maxWaiting: options.maxWaiting ?? 10_000 };
  const commits = new GroupCommit({ connection: writer, readers, durability: files, clock, timers, limits });
  const checkpointer = new Checkpointer({
    connect: () => new CheckpointConnection(path),
    writer,
    readers,
    commits,
    files,
    timers,
    limit: options.logPages ?? logLimit,
    emptyWhenIdle: !isVolatile,
    warn: options.onWarning ?? (() => {}),
  });
  commits.afterBatch = () => checkpointer.afterBatch();
  return new SqliteDatabase({
    writer,
    readers,
    commits,
    files,
    checkpointer,
    connections,
    ...(temporary && { remove: temporary.remove }),
  });
}

function openWriter(path: string, options: SqliteOptions, isVolatile: boolean): WriterConnection {
  const pragmas = [
    // NORMAL: SQLite flushes where the file's integrity needs it; the flush that durability needs is ours.
    `synchronous = ${isVolatile ? 'OFF' : 'NORMAL'}`,
    'journal_mode = WAL',
    'wal_autocheckpoint = 0',
    `cache_size = -${options.writerCacheKb ?? 8192}`,
    'temp_store = MEMORY',
    // As on PostgreSQL.
    'case_sensitive_like = ON',
  ];
  // Bodies wait for other programs without stopping the event loop: see GroupCommit.
  const writer = new WriterConnection(path, pragmas, 0);
  try {
    // Finds now, rather than with the first transaction, a file or folder that can't be written and a disk that is full.
    writer.rewriteVersion();
    return writer;
  } catch (error) {
    writer.close();
    throw error instanceof DatabaseError ? error : new DatabaseError('io', `The database ${path} can't be opened`);
  }
}

function openReader(path: string, options: SqliteOptions): SqliteConnection {
  const pragmas = [
    `cache_size = -${options.readerCacheKb ?? 2048}`,
    'temp_store = MEMORY',
    'query_only = ON',
    'case_sensitive_like = ON',
  ];
  return new SqliteConnection(path, pragmas, 1000);
}
