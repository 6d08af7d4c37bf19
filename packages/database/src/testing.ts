import { systemRandom, systemRuntime, randomString } from '@myelin/runtime';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import type { Database } from './database.ts';
import type { Dialect } from './fragments.ts';
import { migrate, type Migration } from './migrations.ts';
import { openDatabase } from './open.ts';
import type { PostgresOptions } from './options.ts';

/** Opens a fresh, empty database with `migrations` applied. It is closed after the test, or after the file's tests. */
export type OpenTestDatabase = (migrations?: readonly Migration[]) => Promise<Database>;

/** A PostgreSQL for tests: the URL of a database in which others may be created. */
const postgresUrl = process.env['MYELIN_TEST_POSTGRES'];

/**
 * Defines the same tests for SQLite, and for PostgreSQL if MYELIN_TEST_POSTGRES says where one is: a database is made
 * for each call and dropped at the end; each opening gets a schema of its own in it.
 */
export function describeDatabases(define: (open: OpenTestDatabase, dialect: Dialect) => void): void {
  describe('sqlite', () => {
    define(
      closeAfterwards(() => openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime)),
      'sqlite',
    );
  });
  if (postgresUrl === undefined || postgresUrl === '') {
    describe.skip('postgres: skipped, MYELIN_TEST_POSTGRES is not set', () =>
      define(() => Promise.reject(new Error('skipped')), 'postgres'));
    return;
  }
  describe('postgres', () => {
    const server = testServer(postgresUrl);
    beforeAll(server.create);
    // What is registered last runs first: the databases are closed before this.
    afterAll(server.drop);
    define(
      closeAfterwards(async () => openDatabase(await server.newSchema(), systemRuntime)),
      'postgres',
    );
  });
}

export interface PostgresForTests {
  options: PostgresOptions;
  /** Drops the database; comes after closing it. */
  dispose(): Promise<void>;
}

/** Options of a fresh database, for tests of what opens one itself; undefined if there is no PostgreSQL. */
export async function postgresForTests(): Promise<PostgresForTests | undefined> {
  if (postgresUrl === undefined || postgresUrl === '') return undefined;
  const server = testServer(postgresUrl);
  await server.create();
  return { options: await server.newSchema(), dispose: server.drop };
}

interface TestServer {
  create(): Promise<void>;
  newSchema(): Promise<PostgresOptions>;
  drop(): Promise<void>;
}

function testServer(url: string): TestServer {
  const name = `myelin_test_${randomString(systemRandom, 12, 'abcdefghijklmnopqrstuvwxyz')}`;
  const own = new URL(url);
  own.pathname = `/${name}`;
  let schemas = 0;
  return {
    create: () => runOn(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`),
    async newSchema() {
      const schema = `test${++schemas}`;
      await runOn(own.href, `CREATE SCHEMA ${schema}`);
      return { kind: 'postgres', dsn: own.href, cp_min: 0, cp_max: 8, options: `-c search_path=${schema}` };
    },
    drop: () => runOn(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function runOn(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function closeAfterwards(openEmpty: () => Promise<Database>): OpenTestDatabase {
  let ofTest: Database[] | undefined;
  const ofFile: Database[] = [];
  beforeEach(() => {
    ofTest = [];
  });
  afterEach(async () => {
    const databases = ofTest ?? [];
    ofTest = undefined;
    for (const database of databases) await database.close();
  });
  afterAll(async () => {
    for (const database of ofFile) await database.close();
  });
  return async (migrations = []) => {
    const database = await openEmpty();
    (ofTest ?? ofFile).push(database);
    if (migrations.length > 0) await migrate(database, migrations);
    return database;
  };
}
