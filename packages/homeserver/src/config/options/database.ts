import { section } from '../option.ts';

export const databaseOptions = section('Database', 'SQLite needs nothing else; PostgreSQL is for larger servers.', [
  ['database', 'map', undefined, 'Where everything is stored.'],
  ['database.name', 'one of sqlite3, psycopg2', 'sqlite3', '`sqlite3` or `psycopg2` (PostgreSQL).'],
  ['database.txn_limit', 'integer', 0, 'Close a connection after so many transactions; 0 for never.'],
  ['database.allow_unsafe_locale', 'boolean', false, "Take a PostgreSQL database whose collation isn't C."],
  [
    'database.synchronous_commit',
    'boolean',
    true,
    'Wait until a transaction is on the disk. Off, a crash of the machine can lose what was acknowledged.',
  ],
  ['database.statement_timeout', 'integer', 600000, 'Milliseconds that a statement may take.'],
  [
    'database.args',
    'map',
    undefined,
    'SQLite: `database`, the file. PostgreSQL: `host`, `user`, `password`, `dbname` … or `dsn`, and cp_min, cp_max.',
  ],
  ['databases', 'map', {}, 'A map of several databases; one entry is the same as `database`, more are refused.'],
  ['databases.<key>.data_stores', 'list', undefined, 'Which data the database holds: all of it, always.'],
  ['database_path', 'string or null', undefined, 'The SQLite file, in place of the one in `database`.'],
  ['databases.<key>.name', 'one of sqlite3, psycopg2', 'sqlite3', 'As database.name.'],
  ['databases.<key>.args', 'map', undefined, 'As database.args.'],
  ['databases.<key>.txn_limit', 'integer', 0, 'As database.txn_limit.'],
  ['databases.<key>.allow_unsafe_locale', 'boolean', false, 'As database.allow_unsafe_locale.'],
  ['databases.<key>.synchronous_commit', 'boolean', true, 'As database.synchronous_commit.'],
  ['databases.<key>.statement_timeout', 'integer', 600000, 'As database.statement_timeout.'],
  ['database.data_stores', 'list', undefined, 'Which data the database holds: all of it, always.'],
]);
