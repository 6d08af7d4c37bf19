import type { Runtime } from '@myelin/runtime';
import { Client, Pool, type PoolConfig } from 'pg';
import type { Database } from '../database.ts';
import { DatabaseError } from '../errors.ts';
import type { PostgresOptions } from '../options.ts';
import { PostgresDatabase } from './database.ts';
import { shareConnections } from './connections.ts';
import { fromPostgres } from './errors.ts';
import { Inserts } from './inserts.ts';
import { KeyedLocks } from './keyed-locks.ts';
import { poolConfig, type Connecting } from './pool-config.ts';
import { Rows } from './session.ts';
import { Statements } from './statements.ts';

/** PostgreSQL 13 and later, by its own numbering. */
const minVersion = 130_000;

interface Facts {
  version: number;
  encoding: string;
  collation: string;
}

/** Connects once to look at the database, then hands out connections as they are needed. */
export async function openPostgres(options: PostgresOptions, runtime: Pick<Runtime, 'timers'>): Promise<Database> {
  const connecting = poolConfig(options);
  const config = await probe(connecting, options.allowUnsafeLocale === true);
  const pool = new Pool(config);
  // A connection that breaks fails its statement, if it has one, and is replaced; without listeners Node would end.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const statements = new Statements();
  return new PostgresDatabase(
    pool,
    {
      connections: shareConnections(pool, pool.options.max, options.maxWaiting ?? 10_000),
      statements,
      inserts: new Inserts(statements),
      rows: new Rows(),
      locks: new KeyedLocks(),
    },
    runtime.timers,
  );
}

async function probe({ config, ssl }: Connecting, allowUnsafeLocale: boolean): Promise<PoolConfig> {
  for (const [i, choice] of ssl.entries()) {
    const attempt = { ...config, ssl: choice };
    try {
      checkFacts(await facts(attempt), allowUnsafeLocale);
      return attempt;
    } catch (error) {
      if (error instanceof DatabaseError || i === ssl.length - 1) throw fromPostgres(error);
    }
  }
  throw new DatabaseError('configuration', 'There is no way to connect to PostgreSQL');
}

async function facts(config: PoolConfig): Promise<Facts> {
  const client = new Client(config);
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(
      `SELECT current_setting('server_version_num')::int AS version, pg_encoding_to_char(encoding) AS encoding, datcollate AS collation
         FROM pg_database WHERE datname = current_database()`,
    );
    return rows[0] as Facts;
  } finally {
    await client.end();
  }
}

function checkFacts({ version, encoding, collation }: Facts, allowUnsafeLocale: boolean): void {
  if (version < minVersion)
    throw new DatabaseError(
      'configuration',
      `PostgreSQL ${Math.floor(version / 10_000)} is too old; 13 or later is needed`,
    );
  if (encoding !== 'UTF8')
    throw new DatabaseError('configuration', `The database is encoded as ${encoding}; it must be UTF8`);
  if (collation === 'C' || allowUnsafeLocale) return;
  throw new DatabaseError(
    'configuration',
    `The database's collation is ${collation}; it must be C, or an update of the system's locales can damage its indexes. ` +
      "Create it with LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0, or set allow_unsafe_locale",
  );
}
