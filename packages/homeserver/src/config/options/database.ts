import { section } from '../option.ts';

export const databaseOptions = section('Database', '', [
  ['database', 'map', undefined, ''],
  ['database.name', 'one of sqlite3, psycopg2', 'sqlite3', ''],
  ['database.txn_limit', 'integer', 0, ''],
  ['database.allow_unsafe_locale', 'boolean', false, ''],
  ['database.args', 'map', undefined, ''],
  ['databases', 'map', {}, ''],
  ['databases.<key>.data_stores', 'list', undefined, ''],
  ['database_path', 'string or null', undefined, ''],
]);
