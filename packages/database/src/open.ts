import type { Runtime } from '@myelin/runtime';
import type { Database } from './database.ts';
import type { DatabaseOptions } from './options.ts';
import { openSqlite } from './sqlite/open.ts';

/** Opens a database; creates the SQLite file if there is none. Throws DatabaseErrors that say what to do. */
export async function openDatabase(
  options: DatabaseOptions,
  runtime: Pick<Runtime, 'clock' | 'timers'>,
): Promise<Database> {
  if (options.kind === 'sqlite') return openSqlite(options, runtime);
  // Its client is loaded where it is used.
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(options, runtime);
}
