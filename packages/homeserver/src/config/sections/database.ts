import { resolve } from 'node:path';
import type { PostgresOptions, SqliteOptions } from '@myelin/database';
import type { Mapping, Values } from '../values.ts';
import type { Context } from './context.ts';
import { readPostgres } from './postgres.ts';

/** As the database package takes it. SQLite: `path` is absolute or `:memory:`. PostgreSQL: the arguments of psycopg2. */
export type DatabaseConfig = Readonly<SqliteOptions> | Readonly<PostgresOptions>;

/** `database` (or `databases` with one member, or the old `database_path`). */
export function readDatabase(context: Context): DatabaseConfig {
  const { values, cwd } = context;
  const path = values.optionalString('database_path');
  const block = databaseBlock(values);
  if (block === undefined) {
    if (path === undefined) throw values.fail('database', 'is missing: name the database to use, sqlite3 or psycopg2');
    return { kind: 'sqlite', path: sqlitePath(path, cwd) };
  }
  const { settings, option } = block;
  const name = settings['name'] ?? 'sqlite3';
  const args = (settings['args'] ?? {}) as Mapping;
  if (typeof args !== 'object' || Array.isArray(args)) throw values.wrong(`${option}.args`, 'a mapping', args);
  if (name === 'psycopg2') return readPostgres(context, option, settings, args);
  if (name !== 'sqlite3') throw values.wrong(`${option}.name`, 'one of sqlite3, psycopg2', name);
  const file = path ?? args['database'];
  if (typeof file !== 'string' || file === '')
    throw values.fail(`${option}.args.database`, 'is missing: the path of the SQLite file');
  return { kind: 'sqlite', path: sqlitePath(file, cwd) };
}

function databaseBlock(values: Values): { settings: Mapping; option: string } | undefined {
  const single = values.mapping('database');
  const several = Object.entries(values.mapping('databases') ?? {});
  if (several.length === 0)
    return single === undefined || Object.keys(single).length === 0
      ? undefined
      : { settings: single, option: 'database' };
  if (single !== undefined) throw values.fail('databases', "can't be given together with database; remove one of them");
  const [name, settings] = several[0] ?? [];
  if (several.length > 1) {
    throw values.fail(
      'databases',
      'more than one database is not supported; put everything into one and name it in `database`',
    );
  }
  if (typeof settings !== 'object' || settings === null) throw values.wrong(`databases.${name}`, 'a mapping', settings);
  return { settings: settings as Mapping, option: `databases.${name}` };
}

function sqlitePath(path: string, cwd: string): string {
  return path === ':memory:' ? path : resolve(cwd, path);
}
