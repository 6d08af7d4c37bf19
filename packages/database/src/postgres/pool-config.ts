import { existsSync, readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { PoolConfig } from 'pg';
import { DatabaseError } from '../errors.ts';
import type { PostgresArguments, PostgresOptions } from '../options.ts';
import { parseConnectionString } from './connection-string.ts';

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Where Debian's PostgreSQL listens; libpq's first choice when no host is given. */
const socketFolder = '/var/run/postgresql';

/** One for a transaction, one for a snapshot, and one for what they read besides. */
const minConnections = 3;

export interface Connecting {
  config: PoolConfig;
  /** What to try for `ssl`, in this order: `allow` and `prefer` name two ways. */
  ssl: (false | ConnectionOptions)[];
}

/** Turns psycopg2's arguments into pg's, with libpq's defaults. */
export function poolConfig(options: PostgresOptions): Connecting {
  const args: PostgresArguments = {
    ...(options.dsn === undefined ? {} : parseConnectionString(options.dsn)),
    ...options,
  };
  const host = args.host ?? process.env['PGHOST'] ?? (existsSync(socketFolder) ? socketFolder : 'localhost');
  const settings = [
    `-c statement_timeout=${options.statementTimeout ?? 3_600_000}`,
    ...(options.synchronousCommit === false ? ['-c synchronous_commit=off'] : []),
    ...(args.options === undefined ? [] : [args.options]),
  ];
  const config: PoolConfig = {
    host,
    min: integer(args.cp_min, 'cp_min') ?? 5,
    max: Math.max(minConnections, integer(args.cp_max, 'cp_max') ?? 10),
    connectionTimeoutMillis: (integer(args.connect_timeout, 'connect_timeout') ?? 30) * 1000,
    keepAlive: integer(args.keepalives, 'keepalives') !== 0,
    application_name: args.application_name ?? 'myelin',
    options: settings.join(' '),
    // Statements are sent without waiting for the answers to those before.
    pipeline: true,
  };
  const database = args.dbname ?? args.database;
  const port = integer(args.port, 'port');
  const idle = integer(args.keepalives_idle, 'keepalives_idle');
  if (database !== undefined) config.database = database;
  if (port !== undefined) config.port = port;
  if (idle !== undefined) config.keepAliveInitialDelayMillis = idle * 1000;
  if (args.user !== undefined) config.user = args.user;
  if (args.password !== undefined) config.password = args.password;
  return { config, ssl: host.startsWith('/') ? [false] : sslChoices(args) };
}

function integer(value: number | string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new DatabaseError('configuration', `The database option ${name} is not a whole number`);
}

function sslChoices(args: PostgresArguments): (false | ConnectionOptions)[] {
  const mode = args.sslmode ?? process.env['PGSSLMODE'] ?? 'prefer';
  if (!sslModes.includes(mode)) throw new DatabaseError('configuration', `sslmode is none of ${sslModes.join(', ')}`);
  if (mode === 'disable') return [false];
  const options: ConnectionOptions = {
    ...(args.sslrootcert !== undefined && { ca: readFile(args.sslrootcert, 'sslrootcert') }),
    ...(args.sslcert !== undefined && { cert: readFile(args.sslcert, 'sslcert') }),
    ...(args.sslkey !== undefined && { key: readFile(args.sslkey, 'sslkey') }),
    // As libpq: `require` doesn't look at the certificate, unless there is one to compare it with.
    rejectUnauthorized: mode.startsWith('verify-') || (mode === 'require' && args.sslrootcert !== undefined),
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
  if (mode === 'allow') return [false, options];
  return mode === 'prefer' ? [options, false] : [options];
}

function readFile(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new DatabaseError('configuration', `The file of the database option ${name} can not be read: ${path}`);
  }
}
