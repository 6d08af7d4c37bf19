import type { Database } from './database.ts';
import { DatabaseError } from './errors.ts';
import { foundations, foundationsId } from './foundations.ts';
import type { Dialect } from './fragments.ts';
import { sql } from './sql.ts';
import type { Sql } from './statement.ts';

/** A step of the schema. `id` is `<feature>/<number>`; a step that was released never changes. */
export interface Migration {
  id: string;
  up: readonly Sql[] | ((dialect: Dialect) => readonly Sql[]);
}

/** Numbers of the schema, as Synapse keeps them. */
export interface SchemaVersions {
  /** The schema that this code makes. */
  version: number;
  /** The lowest `version` of code that can still work with a database which this code has used. */
  compatVersion: number;
}

/**
 * Applies what is missing, in the order of the list; each step is recorded in the transaction that makes it, so it is
 * there whole or not at all. An empty database gets all steps in one transaction. Throws a DatabaseError of kind
 * `version` if the database needs newer code. Resolves to the ids that were applied.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  versions: SchemaVersions = { version: 1, compatVersion: 1 },
): Promise<string[]> {
  checkIds(migrations);
  if (await isCurrent(database, migrations, versions)) return [];
  const applied = await prepare(database, versions);
  const missing = migrations.filter((migration) => !applied.has(migration.id));
  const groups = applied.size === 1 ? [missing] : missing.map((migration) => [migration]);
  for (const group of groups) await apply(database, group);
  await recordVersions(database, versions);
  return missing.map((migration) => migration.id);
}

function checkIds(migrations: readonly Migration[]): void {
  const seen = new Set<string>();
  for (const { id } of migrations) {
    if (seen.has(id)) throw new DatabaseError('statement', `Two migrations are called ${id}`);
    seen.add(id);
  }
}

/** One query tells, without writing anything: most starts find everything there. */
async function isCurrent(
  database: Database,
  migrations: readonly Migration[],
  { version }: SchemaVersions,
): Promise<boolean> {
  let rows: { id: string; version: number; compat_version: number }[];
  try {
    rows = await database.reader.all(sql`SELECT id, version, compat_version FROM applied_migrations, schema_version`);
  } catch (error) {
    // An empty database has no such tables.
    if (error instanceof DatabaseError && error.kind === 'statement') return false;
    throw error;
  }
  const applied = new Set(rows.map(({ id }) => id));
  const [found] = rows;
  return (
    found !== undefined &&
    found.version >= version &&
    found.compat_version <= version &&
    applied.has(foundationsId) &&
    migrations.every(({ id }) => applied.has(id))
  );
}

function prepare(database: Database, versions: SchemaVersions): Promise<Set<string>> {
  return database.transact(async (writer) => {
    for (const statement of foundations) await writer.run(statement);
    await writer.run(sql`INSERT INTO applied_migrations (id) VALUES (${foundationsId}) ON CONFLICT (id) DO NOTHING`);
    const found = await writer.get<{ version: number; compat_version: number }>(
      sql`SELECT version, compat_version FROM schema_version`,
    );
    if (found !== undefined && found.compat_version > versions.version) {
      throw new DatabaseError(
        'version',
        `The database has schema ${found.version}, which needs code for schema ${found.compat_version} at least; ` +
          `this version of the server knows schema ${versions.version}. Install a newer version`,
      );
    }
    const rows = await writer.all<{ id: string }>(sql`SELECT id FROM applied_migrations`);
    return new Set(rows.map((row) => row.id));
  });
}

function apply(database: Database, migrations: readonly Migration[]): Promise<void> {
  return database.transact(async (writer) => {
    for (const { id, up } of migrations) {
      for (const statement of typeof up === 'function' ? up(database.dialect) : up) await writer.run(statement);
      await writer.run(sql`INSERT INTO applied_migrations (id) VALUES (${id})`);
    }
  });
}

// A database that newer code has used keeps its higher numbers while older, compatible code works with it.
function recordVersions(database: Database, { version, compatVersion }: SchemaVersions): Promise<number> {
  return database.transact((writer) =>
    writer.run(sql`INSERT INTO schema_version (only_row, version, compat_version) VALUES (1, ${version}, ${compatVersion})
      ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, compat_version = excluded.compat_version
      WHERE excluded.version > schema_version.version`),
  );
}
