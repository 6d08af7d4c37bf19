import { createServer } from 'node:net';
import { systemRuntime } from '@myelin/runtime';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.ts';
import { openDatabase } from '../open.ts';
import { sql } from '../sql.ts';
import { postgresForTests, type PostgresForTests } from '../testing.ts';
import { parseConnectionString } from './connection-string.ts';
import { poolConfig } from './pool-config.ts';

it('reads connection strings of both kinds', () => {
  expect(parseConnectionString("host=db.example.org port=5433 dbname='my \\'base' user=me password=a\\ b")).toEqual({
    host: 'db.example.org',
    port: '5433',
    dbname: "my 'base",
    user: 'me',
    password: 'a b',
  });
  expect(parseConnectionString('postgresql://me:p%40ss@[::1]:5433/base?sslmode=require&connect_timeout=5')).toEqual({
    host: '::1',
    port: '5433',
    dbname: 'base',
    user: 'me',
    password: 'p@ss',
    sslmode: 'require',
    connect_timeout: '5',
  });
});

it.each(['host', 'host=a b', "host='a", 'postgres://[bad'])('refuses the connection string %s', (dsn) => {
  expect(() => parseConnectionString(dsn)).toThrow(expect.objectContaining({ kind: 'configuration' }));
});

it("takes psycopg2's arguments", () => {
  const { config, ssl } = poolConfig({
    kind: 'postgres',
    user: 'synapse',
    password: 'secret',
    database: 'matrix',
    host: 'localhost',
    port: '5432',
    cp_min: 2,
    cp_max: '8',
    connect_timeout: 3,
    synchronousCommit: false,
  });
  expect(config).toMatchObject({
    user: 'synapse',
    database: 'matrix',
    host: 'localhost',
    port: 5432,
    min: 2,
    max: 8,
    connectionTimeoutMillis: 3000,
  });
  expect(config.options).toContain('synchronous_commit=off');
  // sslmode=prefer, libpq's default: encrypted if the server can, without looking at its certificate.
  expect(ssl).toEqual([expect.objectContaining({ rejectUnauthorized: false }), false]);
});

it.each([
  ['disable', [false]],
  ['require', [expect.objectContaining({ rejectUnauthorized: false })]],
  ['verify-ca', [expect.objectContaining({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) })]],
  ['verify-full', [{ rejectUnauthorized: true }]],
  ['allow', [false, expect.anything()]],
])('knows sslmode %s', (sslmode, choices) => {
  expect(poolConfig({ kind: 'postgres', host: 'localhost', sslmode }).ssl).toEqual(choices);
});

it.each([
  { sslmode: 'perhaps' },
  { port: 'http' },
  { cp_max: -1 },
  { sslrootcert: '/nowhere/root.crt', sslmode: 'require' },
])('refuses the options %j', (options) => {
  expect(() => poolConfig({ kind: 'postgres', host: 'localhost', ...options })).toThrow(
    expect.objectContaining({ kind: 'configuration' }),
  );
});

it('says when there is no server', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  const opening = openDatabase(
    { kind: 'postgres', host: '127.0.0.1', port, user: 'nobody', password: 'secret' },
    systemRuntime,
  );
  const error = await opening.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('ECONNREFUSED') });
  expect((error as Error).message).not.toContain('secret');
});

const server = process.env['MYELIN_TEST_POSTGRES'] ? describe : describe.skip;

server('postgres', () => {
  let forTests: PostgresForTests;
  let database: Database;

  beforeAll(async () => {
    forTests = (await postgresForTests()) as PostgresForTests;
    database = await openDatabase(forTests.options, systemRuntime);
    await database.transact((writer) => writer.run(sql`CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY)`));
  });

  afterAll(async () => {
    await database.close();
    await forTests.dispose();
  });

  async function onServer(text: string): Promise<void> {
    const client = new Client({ connectionString: forTests.options.dsn ?? '' });
    await client.connect();
    await client.query(text);
    await client.end();
  }

  const killOthers =
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';

  it('fails what a broken connection was doing, and goes on with new ones', async () => {
    const rolledBack: string[] = [];
    const cut = database.transact(async (writer) => {
      writer.onRollback(() => rolledBack.push('cut'));
      await writer.insert('numbers', ['n'], [[1]]);
      await onServer(killOthers);
      await writer.insert('numbers', ['n'], [[2]]);
    });
    await expect(cut).rejects.toMatchObject({ kind: 'connection' });
    expect(rolledBack).toEqual(['cut']);
    await database.transact((writer) => writer.insert('numbers', ['n'], [[3]]));
    expect(await database.reader.all(sql`SELECT n FROM numbers`)).toEqual([{ n: 3 }]);
  });

  it('gets over connections that broke while idle', async () => {
    await Promise.all([1, 2, 3].map(() => database.reader.get(sql`SELECT 1 AS one`)));
    await onServer(killOthers);
    await systemRuntime.timers.sleep(20);
    expect(await database.reader.get(sql`SELECT 1 AS one`)).toEqual({ one: 1 });
  });

  it('refuses a locale that is not C, unless it is told to', async () => {
    const name = `${new URL(forTests.options.dsn ?? '').pathname.slice(1)}_locale`;
    await onServer(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`,
    );
    try {
      const options = { ...forTests.options, dbname: name };
      await expect(openDatabase(options, systemRuntime)).rejects.toMatchObject({ kind: 'configuration' });
      const allowed = await openDatabase({ ...options, allowUnsafeLocale: true }, systemRuntime);
      await allowed.close();
    } finally {
      await onServer(`DROP DATABASE ${name}`);
    }
  });

  it('says when the database does not exist', async () => {
    await expect(
      openDatabase({ ...forTests.options, dbname: 'no_such_database' }, systemRuntime),
    ).rejects.toMatchObject({ kind: 'configuration' });
  });

  it('stops a statement that takes too long', async () => {
    const impatient = await openDatabase({ ...forTests.options, statementTimeout: 50 }, systemRuntime);
    await expect(impatient.reader.get(sql`SELECT pg_sleep(10) AS slept`)).rejects.toMatchObject({ kind: 'busy' });
    await impatient.close();
  });
});
