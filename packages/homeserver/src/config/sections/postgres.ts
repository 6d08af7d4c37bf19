import type { PostgresArguments, PostgresOptions } from '@myelin/database';
import type { Mapping, Values } from '../values.ts';
import type { Context } from './context.ts';

type ArgumentName = keyof PostgresArguments;

/** The arguments of psycopg2 (libpq's keywords, and the pool's cp_min and cp_max) that have a meaning here. */
const kinds: Readonly<Record<ArgumentName, 'text' | 'number'>> = {
  user: 'text',
  password: 'text',
  database: 'text',
  dbname: 'text',
  host: 'text',
  port: 'number',
  dsn: 'text',
  sslmode: 'text',
  sslrootcert: 'text',
  sslcert: 'text',
  sslkey: 'text',
  application_name: 'text',
  options: 'text',
  connect_timeout: 'number',
  keepalives: 'number',
  keepalives_idle: 'number',
  cp_min: 'number',
  cp_max: 'number',
};

const tenMinutes = 600_000;

/** Of Twisted's connection pool; there is another one here. */
const ofTwisted = new Set(['cp_reconnect', 'cp_noisy', 'cp_openfun', 'cp_good_sql']);

/** A `psycopg2` block. */
export function readPostgres(
  { values, notice }: Context,
  option: string,
  settings: Mapping,
  args: Mapping,
): PostgresOptions {
  const found: Partial<Record<ArgumentName, string | number>> = {};
  for (const [name, value] of Object.entries(args)) {
    if (value === null || ofTwisted.has(name)) continue;
    if (!isArgument(name)) notice(`${option}.args.${name} is not known here and has no effect`);
    else found[name] = argument(values, `${option}.args.${name}`, kinds[name], value);
  }
  return {
    ...(found as PostgresArguments),
    kind: 'postgres',
    allowUnsafeLocale: settings['allow_unsafe_locale'] === true,
    synchronousCommit: settings['synchronous_commit'] !== false,
    statementTimeout: statementTimeout(values, option, settings['statement_timeout']),
  };
}

/** Milliseconds; null in the file means that statements may take as long as they like: 0. */
function statementTimeout(values: Values, option: string, timeout: unknown): number {
  if (timeout === undefined) return tenMinutes;
  if (timeout === null) return 0;
  if (Number.isSafeInteger(timeout) && (timeout as number) >= 0) return timeout as number;
  throw values.wrong(`${option}.statement_timeout`, 'a number of milliseconds', timeout);
}

function argument(values: Values, option: string, kind: 'text' | 'number', value: unknown): string | number {
  if (kind === 'number' && /^\d{1,9}$/.test(String(value))) return Number(value);
  // What looks like a number is written without quotes: `password: 1234`.
  if (kind === 'text' && (typeof value === 'string' || typeof value === 'number')) return String(value);
  throw values.wrong(option, kind === 'text' ? 'a text' : 'a whole number', value);
}

function isArgument(name: string): name is ArgumentName {
  return Object.hasOwn(kinds, name);
}
