import type { SqlValue } from '../statement.ts';

/**
 * PostgreSQL's text holds no NUL character. It is stored as U+10FFFE "0" (a code point that is no character), and
 * U+10FFFE as U+10FFFE "1", so that every text comes back as it was.
 */
const escape = '\u{10FFFE}';

/** A value as a parameter of PostgreSQL. */
export function encode(value: SqlValue): SqlValue {
  return typeof value === 'string' ? encodeText(value) : value;
}

export function encodeText(text: string): string {
  if (!text.includes('\0') && !text.includes(escape)) return text;
  return text.replaceAll(escape, `${escape}1`).replaceAll('\0', `${escape}0`);
}

export function decodeText(text: string): string {
  if (!text.includes(escape)) return text;
  return text.replaceAll(`${escape}0`, '\0').replaceAll(`${escape}1`, escape);
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('An integer from the database is beyond 2^53-1');
  return value;
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex');
}

/** Parsers by the type's number in pg_type: values come as they do from SQLite. */
const parsers: Readonly<Record<number, (text: string) => SqlValue>> = {
  16: (text) => (text === 't' ? 1 : 0), // bool
  17: bytes, // bytea
  20: integer, // int8
  21: Number, // int2
  23: Number, // int4
  700: Number, // float4
  701: Number, // float8
  1700: Number, // numeric
};

/** In the shape in which pg takes them. */
export const types = {
  getTypeParser: (type: number): ((text: string) => SqlValue) => parsers[type] ?? decodeText,
};
