import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Address of a PostgreSQL's maintenance database on which tests may make databases of their own, if there is one. */
export function testPostgresUrl(): string | undefined {
  return process.env['MYELIN_TEST_POSTGRES'] || undefined;
}

export interface TestPostgres {
  /** As in a psycopg2 block of homeserver.yaml. */
  readonly args: Readonly<Record<string, string | number>>;
  drop(): Promise<void>;
}

/** Makes a database for one test server. */
export async function createTestPostgres(): Promise<TestPostgres> {
  const url = testPostgresUrl();
  if (url === undefined) throw new Error('MYELIN_TEST_POSTGRES is not set: there is no PostgreSQL to test on');
  const name = `myelin_test_${randomBytes(8).toString('hex')}`;
  await maintain(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
  const { hostname, port, username, password, searchParams } = new URL(url);
  return {
    args: {
      host: searchParams.get('host') ?? (hostname || 'localhost'),
      port: Number(port || 5432),
      user: decodeURIComponent(username),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      dbname: name,
      cp_min: 1,
      cp_max: 5,
    },
    drop: () => maintain(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function maintain(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
