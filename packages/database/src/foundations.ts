import { sql } from './sql.ts';
import type { Sql } from './statement.ts';

/** Stands among the applied migrations once all of `foundations` are made. Another one, when a table is added. */
export const foundationsId = 'database/0001';

/** The tables that this package keeps for itself. `migrate` makes them. */
export const foundations: readonly Sql[] = [
  sql`CREATE TABLE IF NOT EXISTS applied_migrations (id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID`,
  sql`CREATE TABLE IF NOT EXISTS schema_version (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version INTEGER NOT NULL,
    compat_version INTEGER NOT NULL
  )`,
  // Work that is still to be done; a row goes when its work is finished. `after` is the name of one that goes before.
  sql`CREATE TABLE IF NOT EXISTS background_updates (
    name TEXT NOT NULL PRIMARY KEY,
    after TEXT,
    progress TEXT NOT NULL,
    items BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL
  )`,
  // `next` is above every number that was given out.
  sql`CREATE TABLE IF NOT EXISTS reserved_numbers (name TEXT NOT NULL PRIMARY KEY, next BIGINT NOT NULL)`,
];
