import { existsSync } from 'node:fs';
import type { Runtime } from '@myelin/runtime';
import type { Database } from './database.ts';
import { DatabaseError } from './errors.ts';
import type { DatabaseOptions } from './options.ts';
import { SqliteConnection } from './sqlite/connection.ts';
import { SqliteReaders } from './sqlite/readers.ts';

export interface ReadOnlyDatabase extends Database {
  /** Reads that come now see all that has been committed; before, they may be a tenth of a second behind. */
  renew(): void;
}

/**
 * Opens a database that is there to read it, while another process may be writing: nothing is created or changed, and
 * `transact` is refused. Throws DatabaseErrors that say what to do.
 */
export async function openReadOnly(
  options: DatabaseOptions,
  runtime: Pick<Runtime, 'clock' | 'timers'>,
): Promise<ReadOnlyDatabase> {
  if (options.kind === 'sqlite') return readOnlySqlite(options.path, runtime);
  const { openPostgres } = await import('./postgres/open.ts');
  const settings = `${options.options ?? ''} -c default_transaction_read_only=on`.trim();
  const database = await openPostgres({ ...options, options: settings }, runtime);
  return {
    dialect: database.dialect,
    reader: database.reader,
    read: (body) => database.read(body),
    transact: refuse,
    renew() {},
    close: () => database.close(),
  };
}

function readOnlySqlite(path: string, { clock }: Pick<Runtime, 'clock'>): ReadOnlyDatabase {
  if (!existsSync(path)) throw new DatabaseError('io', `There is no database ${path}`);
  const pragmas = ['temp_store = MEMORY', 'query_only = ON', 'case_sensitive_like = ON'];
  const readers = new SqliteReaders({
    open: () => new SqliteConnection(path, pragmas, 1000, { readOnly: true }),
    close: (connection) => connection.close(),
    clock,
  });
  return {
    dialect: 'sqlite',
    reader: readers,
    read: (body) => readers.snapshot(body),
    transact: refuse,
    renew: () => readers.renew(),
    close: async () => readers.close(),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(new DatabaseError('readonly', 'The database was opened to be read only'));
}
