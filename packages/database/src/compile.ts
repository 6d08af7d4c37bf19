import { ListParameter, Variants, type Dialect } from './fragments.ts';
import type { Sql, SqlPart, SqlValue } from './statement.ts';

/** A statement as the database takes it: text with placeholders, and its parameters. */
export interface Statement {
  text: string;
  values: (SqlValue | readonly (string | number)[])[];
}

/** Puts a statement together from its pieces, with `?` (SQLite) or `$1`, `$2` … (PostgreSQL). */
export function compile(query: Sql, dialect: Dialect): Statement {
  const statement: Statement = { text: '', values: [] };
  append(query, dialect, statement);
  return statement;
}

function append(query: Sql, dialect: Dialect, into: Statement): void {
  if (query instanceof Variants) return append(query.for(dialect), dialect, into);
  if (query instanceof ListParameter) return parameter(query.values, dialect, into);
  const { strings, parts } = query;
  for (let i = 0; i < strings.length; i++) {
    into.text += strings[i];
    const part = parts[i];
    if (i >= parts.length) continue;
    if (isPiece(part)) append(part, dialect, into);
    else parameter(checkValue(part as SqlValue), dialect, into);
  }
}

function parameter(value: SqlValue | readonly (string | number)[], dialect: Dialect, into: Statement): void {
  into.values.push(value);
  into.text += dialect === 'sqlite' ? '?' : `$${into.values.length}`;
}

function isPiece(part: SqlPart | undefined): part is Sql {
  return typeof part === 'object' && part !== null && !(part instanceof Uint8Array);
}

/**
 * Tells whether a template has values only (so that its text is the same each time), and refuses values that one of
 * the two databases would store differently or not at all.
 */
export function hasOnlyValues(query: Sql): boolean {
  const { strings, parts } = query;
  if (strings.length !== parts.length + 1) return false;
  let plain = true;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as SqlPart;
    switch (typeof part) {
      case 'string':
        break;
      case 'object':
        if (part !== null && !(part instanceof Uint8Array)) plain = false;
        break;
      default:
        checkValue(part);
    }
  }
  return plain;
}

/** Throws a TypeError unless the value means the same on both databases. */
export function checkValue(value: SqlValue): SqlValue {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return value;
      if (!Number.isFinite(value)) throw new TypeError('A number for the database is not finite');
      if (Number.isInteger(value)) throw new TypeError('An integer for the database is beyond 2^53-1');
      return value;
    case 'object':
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError('An object is not a value for the database');
    default:
      throw new TypeError(`A value of type ${typeof value} can't be stored; use 0 and 1, text, null or bytes`);
  }
}
