import type { Mapping, Values } from '../values.ts';

export interface PostgresConfig {
  readonly kind: 'postgres';
  /** Host name, address, or the folder of the unix socket; undefined: PGHOST, else the system's socket folder. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly ssl: PostgresSsl | undefined;
  readonly applicationName: string | undefined;
  /** Server options, as in `-c statement_timeout=1000`. */
  readonly options: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly keepAlive: boolean;
  readonly poolMin: number;
  readonly poolMax: number;
  /** Take a database whose collation isn't C. */
  readonly allowUnsafeLocale: boolean;
}

/** As libpq's sslmode: `require` encrypts without checking, `verify-ca` checks the chain, `verify-full` the name too. */
export interface PostgresSsl {
  readonly mode: 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  readonly rootCertificatePath: string | undefined;
  readonly certificatePath: string | undefined;
  readonly keyPath: string | undefined;
}

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** The `args` of a psycopg2 block: libpq's keywords, a `dsn` in either of its forms, and the pool's cp_min and cp_max. */
export function readPostgres(
  values: Values,
  option: string,
  args: Mapping,
  allowUnsafeLocale: boolean,
): PostgresConfig {
  const keywords: Record<string, unknown> = {};
  if (args['dsn'] !== undefined && args['dsn'] !== null) {
    const parsed = typeof args['dsn'] === 'string' ? parseDsn(args['dsn']) : undefined;
    if (parsed === undefined)
      throw values.fail(`${option}.args.dsn`, 'expected postgres://user:password@host/name or host=… dbname=…');
    Object.assign(keywords, parsed);
  }
  for (const [key, value] of Object.entries(args)) if (value !== null && key !== 'dsn') keywords[key] = value;
  const text = (name: string): string | undefined => {
    const value = keywords[name];
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'object') throw values.wrong(`${option}.args.${name}`, 'a text', value);
    return String(value);
  };
  const count = (name: string, fallback?: number): number | undefined => {
    const value = text(name);
    if (value === undefined) return fallback;
    if (/^\d{1,9}$/.test(value)) return Number(value);
    throw values.wrong(`${option}.args.${name}`, 'a whole number', keywords[name]);
  };
  const poolMax = count('cp_max', 10) ?? 10;
  const connectTimeout = count('connect_timeout');
  return {
    kind: 'postgres',
    host: text('hostaddr') ?? text('host'),
    port: count('port'),
    user: text('user'),
    password: text('password'),
    database: text('dbname') ?? text('database'),
    ssl: ssl(values, option, text),
    applicationName: text('application_name'),
    options: text('options'),
    connectTimeoutMs: connectTimeout ? connectTimeout * 1000 : undefined,
    keepAlive: count('keepalives', 1) !== 0,
    poolMin: Math.min(count('cp_min', 5) ?? 5, poolMax),
    poolMax: Math.max(poolMax, 1),
    allowUnsafeLocale,
  };
}

function ssl(values: Values, option: string, text: (name: string) => string | undefined): PostgresSsl | undefined {
  const mode = text('sslmode');
  if (mode === undefined || mode === 'disable') return undefined;
  if (!(sslModes as readonly string[]).includes(mode))
    throw values.wrong(`${option}.args.sslmode`, `one of ${sslModes.join(', ')}`, mode);
  return {
    mode: mode as PostgresSsl['mode'],
    rootCertificatePath: text('sslrootcert'),
    certificatePath: text('sslcert'),
    keyPath: text('sslkey'),
  };
}

/** Keywords of a connection text: an address (postgres://…) or keyword=value pairs; undefined if it is neither. */
export function parseDsn(dsn: string): Record<string, string> | undefined {
  return /^postgres(?:ql)?:\/\//.test(dsn) ? parseAddress(dsn) : parseKeywords(dsn);
}

function parseAddress(dsn: string): Record<string, string> | undefined {
  const match =
    /^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?(\[[^\]]*\]|[^:/?]*)(?::(\d*))?(?:\/([^?]*))?(?:\?(.*))?$/.exec(
      dsn,
    );
  if (match === null) return undefined;
  const keywords: Record<string, string> = {};
  try {
    for (const [at, name] of ['user', 'password', 'host', 'port', 'dbname'].entries()) {
      const value = match[at + 1];
      if (value) keywords[name] = decodeURIComponent(value).replace(/^\[|\]$/g, '');
    }
    for (const [name, value] of new URLSearchParams(match[6] ?? '')) keywords[name] = value;
  } catch {
    return undefined;
  }
  return keywords;
}

function parseKeywords(dsn: string): Record<string, string> | undefined {
  const keywords: Record<string, string> = {};
  const pair = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))\s*/y;
  while (pair.lastIndex < dsn.length) {
    const match = pair.exec(dsn);
    if (match === null) return undefined;
    keywords[match[1] ?? ''] = (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1');
  }
  return keywords;
}
