import { pythonFloat } from './python-float.ts';
import { JsonNumber, type JsonObject, type JsonValue } from './value.ts';

export type CanonicalJsonReason =
  | 'float'
  | 'integer-out-of-range'
  | 'number-not-finite'
  | 'lone-surrogate'
  | 'too-deep'
  | 'not-json';

/** The value has no canonical form: in a client's request M_BAD_JSON, over federation a dropped event. */
export class CanonicalJsonError extends Error {
  readonly reason: CanonicalJsonReason;

  constructor(reason: CanonicalJsonReason) {
    super(`no canonical JSON: ${reason}`);
    this.name = 'CanonicalJsonError';
    this.reason = reason;
  }
}

/** Levels of arrays and objects that are read and written; deeper JSON is refused. */
export const maxJsonDepth = 960;

/** Longer strings are left to JSON.stringify, which is quicker for them. */
const shortString = 64;

/**
 * The canonical JSON of a value (Appendices, "Canonical JSON"): keys by code point, shortest form. `strict` (room
 * versions from 6 on, and everything that isn't an event) refuses floats and integers beyond 2^53-1; `lenient` (versions
 * 1 to 5) prints them. Throws CanonicalJsonError.
 */
export function canonicalJson(value: JsonValue, mode: 'strict' | 'lenient' = 'strict'): string {
  return print(value, mode === 'strict', 0);
}

/** `"key":` as canonical JSON has it. Throws CanonicalJsonError. */
export function canonicalKey(key: string): string {
  return `${printString(key)}:`;
}

/** Sorts keys by code point, in place. */
export function sortKeys(keys: string[]): string[] {
  if (keys.length > 24) keys.sort();
  else insertionSort(keys);
  // Array.sort orders by UTF-16 units; that is another order only where surrogates meet U+E000 to U+FFFF.
  return keys.some(hasHighUnit) ? keys.sort(compareCodePoints) : keys;
}

function insertionSort(keys: string[]): void {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let j = i;
    for (; j > 0 && (keys[j - 1] as string) > key; j--) keys[j] = keys[j - 1] as string;
    if (j < i) keys[j] = key;
  }
}

function hasHighUnit(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0xd800) return true;
  return false;
}

/** Compares by code point: UTF-16 puts U+E000 to U+FFFF behind all characters beyond them, code points before. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

function print(value: JsonValue, strict: boolean, depth: number): string {
  switch (typeof value) {
    case 'string':
      return printString(value);
    case 'number':
      return Number.isSafeInteger(value) ? `${value}` : printOddNumber(value, strict);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= maxJsonDepth) throw new CanonicalJsonError('too-deep');
      if (Array.isArray(value)) return printArray(value, strict, depth + 1);
      if (value instanceof JsonNumber) return printJsonNumber(value, strict);
      return printObject(value, strict, depth + 1);
    default:
      throw new CanonicalJsonError('not-json');
  }
}

function printString(text: string): string {
  if (text.length < shortString && isPlain(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new CanonicalJsonError('lone-surrogate');
  return JSON.stringify(text);
}

/** Whether it is printable ASCII without `"` and `\`, which is printed as it is. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}

function printArray(values: JsonValue[], strict: boolean, depth: number): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ',';
    text += print(values[i] as JsonValue, strict, depth);
  }
  return `${text}]`;
}

function printObject(object: JsonObject, strict: boolean, depth: number): string {
  const keys = sortKeys(Object.keys(object));
  let text = '{';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (i > 0) text += ',';
    text += printString(key);
    text += ':';
    text += print(object[key] as JsonValue, strict, depth);
  }
  return `${text}}`;
}

function printOddNumber(value: number, strict: boolean): string {
  if (!Number.isFinite(value)) throw new CanonicalJsonError('number-not-finite');
  if (strict) throw new CanonicalJsonError(Number.isInteger(value) ? 'integer-out-of-range' : 'float');
  return Number.isInteger(value) ? BigInt(value).toString() : pythonFloat(value);
}

function printJsonNumber(number: JsonNumber, strict: boolean): string {
  if (strict) throw new CanonicalJsonError(number.isInteger ? 'integer-out-of-range' : 'float');
  if (!number.isInteger && !Number.isFinite(number.value)) throw new CanonicalJsonError('number-not-finite');
  return number.text;
}
