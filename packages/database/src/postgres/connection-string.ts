import { DatabaseError } from '../errors.ts';
import type { PostgresArguments } from '../options.ts';

/** Reads a connection string of libpq: a URL, or words `name=value` with values in quotes where needed. */
export function parseConnectionString(dsn: string): PostgresArguments {
  return /^postgres(?:ql)?:\/\//.test(dsn) ? fromUrl(dsn) : fromWords(dsn);
}

function fromUrl(dsn: string): PostgresArguments {
  let url: URL;
  try {
    url = new URL(dsn);
  } catch {
    throw new DatabaseError('configuration', 'The connection string for PostgreSQL is not a valid URL');
  }
  const found: Record<string, string> = {};
  const set = (name: string, value: string): void => {
    if (value !== '') found[name] = decodeURIComponent(value);
  };
  set('user', url.username);
  set('password', url.password);
  set('host', url.hostname.replace(/^\[(.*)\]$/, '$1'));
  set('port', url.port);
  set('dbname', url.pathname.slice(1));
  for (const [name, value] of url.searchParams) found[name] = value;
  return found;
}

function fromWords(dsn: string): PostgresArguments {
  const found: Record<string, string> = {};
  const word = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))/gy;
  let end = 0;
  for (let match = word.exec(dsn); match !== null; match = word.exec(dsn)) {
    found[match[1] as string] = (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1');
    end = word.lastIndex;
  }
  if (dsn.slice(end).trim() !== '')
    throw new DatabaseError('configuration', 'The connection string for PostgreSQL can not be read');
  return found;
}
