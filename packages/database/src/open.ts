import type { Runtime } from '@myelin/runtime';
import type { Database } from './database.ts';
import type { DatabaseOptions } from './options.ts';
import { openPostgres } from './postgres/open.ts';
import { openSqlite } from './sqlite/open.ts';

/** Opens a database; creates the SQLite file if there is none. Throws DatabaseErrors that say what to do. */
export function openDatabase(options: DatabaseOptions, runtime: Pick<Runtime, 'clock' | 'timers'>): Promise<Database> {
  return options.kind === 'sqlite' ? openSqlite(options, runtime) : openPostgres(options, runtime);
}
