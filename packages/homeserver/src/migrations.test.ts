import { migrate, openDatabase, sql, type Database } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { testConfig } from './config/index.ts';
import { MemoryMediaFiles } from './features/media/index.ts';
import { allMigrations } from './migrations.ts';
import { silentLog } from './observability/log.ts';
import { assembleServer, schemaVersions } from './server.ts';

/** A start that was killed leaves some of the steps behind, each whole: they are what the database commits. */
describe('a start that was killed while it made the schema', () => {
  async function schemaAfter(prepare: (database: Database) => Promise<unknown>): Promise<unknown> {
    const database = await openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime);
    try {
      await prepare(database);
      const ports = { mediaFiles: new MemoryMediaFiles() };
      const { wiring } = await assembleServer(testConfig(), systemRuntime, database, silentLog, ports);
      await wiring.stop();
      const versions = await database.reader.all(sql`SELECT version, compat_version FROM schema_version`);
      const parts = await database.reader.all(
        sql`SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name`,
      );
      return { versions, parts };
    } finally {
      await database.close();
    }
  }
  const whole = schemaAfter(async () => {});

  const half = Math.floor(allMigrations.length / 2);
  it.each([0, 1, half, allMigrations.length - 1])('after %d steps: the next start makes the rest', async (steps) => {
    expect(await schemaAfter((database) => migrate(database, allMigrations.slice(0, steps), schemaVersions))).toEqual(
      await whole,
    );
  });

  it('before it wrote down the version: the next start does', async () => {
    const prepare = async (database: Database): Promise<void> => {
      await migrate(database, allMigrations, schemaVersions);
      await database.transact((writer) => writer.run(sql`DELETE FROM schema_version`));
    };
    expect(await schemaAfter(prepare)).toEqual(await whole);
  });
});
