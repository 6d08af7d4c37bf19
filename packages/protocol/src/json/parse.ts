import { maxJsonDepth } from './canonical.ts';
import { ExactParser, JsonSyntaxError, type JsonSyntaxReason } from './exact-parser.ts';
import { JsonNumber, type JsonValue } from './value.ts';

/**
 * `lenient` reads any number without loss (see JsonNumber); `strict` refuses numbers written with a point or an exponent
 * and integers beyond 2^53-1, as room versions from 6 on do; `finite` refuses what is beyond any double, such as 1e999,
 * which has no canonical form at all.
 */
export type Numbers = 'strict' | 'lenient' | 'finite';

export interface ParseOptions {
  /** `lenient` by default. */
  readonly numbers?: Numbers;
  /** Levels of arrays and objects; by default as many as canonical JSON prints. */
  readonly maxDepth?: number;
}

export type ParseResult<T = JsonValue> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: JsonSyntaxReason };

/**
 * A number that JSON.parse may not keep: a point, an exponent, 16 digits or more, -0. What stands in a string can match
 * too; that costs time only. A colon of JSON itself stands behind a key: that in the name of a user at an address
 * (`@a:127.0.0.1`) doesn't.
 */
const lossyNumber = /(?:[,[]|:(?<="[ \t\n\r]*:))[ \t\n\r]*-?(?:\d{16}|\d+[.eE]|0(?<=-0))/;

/**
 * Reads JSON (RFC 8259) from text or UTF-8 bytes without losing anything: the difference of `1.0` and `1`, big integers.
 * `-0` is read as 0; of duplicate keys the last one counts; `__proto__` is a key like others. Escaped lone surrogates are
 * read (canonical JSON refuses them).
 */
export function parseJson(input: string | Uint8Array, options: ParseOptions = {}): ParseResult {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text === undefined) return { ok: false, reason: 'not-utf8' };
  const maxDepth = options.maxDepth ?? maxJsonDepth;
  try {
    if (isSafeForJsonParse(text, maxDepth)) return { ok: true, value: JSON.parse(text) as JsonValue };
    const value = new ExactParser(text, maxDepth).parse();
    const { numbers = 'lenient' } = options;
    const reason = numbers === 'lenient' ? undefined : oddNumber(value, numbers === 'strict');
    return reason ? { ok: false, reason } : { ok: true, value };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { ok: false, reason: error.reason };
    if (error instanceof SyntaxError) return { ok: false, reason: 'not-json' };
    throw error;
  }
}

/** ignoreBOM keeps a byte order mark, so that it is refused. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined where it isn't UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function isSafeForJsonParse(text: string, maxDepth: number): boolean {
  const first = text.charCodeAt(0);
  if (first !== 0x7b && first !== 0x5b) return false;
  return !lossyNumber.test(text) && hasAtMost(text, maxDepth) && !hasEscapedKey(text);
}

/** Whether there are so few opening brackets that the nesting can't be deeper than this. */
function hasAtMost(text: string, depth: number): boolean {
  if (text.length <= depth) return true;
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > depth) return isShallow(text, depth);
    }
  }
  return true;
}

/** Counts the nesting outside of strings; text that isn't JSON may give any answer. */
function isShallow(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) {
      i = endOfString(text, i);
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > maxDepth) return false;
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    }
  }
  return true;
}

/**
 * Whether a key is written with an escape. V8 (13.6, in Node 24) misreads such keys: it compares the raw text with the
 * keys of objects that it has seen, so after `{"k":1,"\\":2}` it reads `{"k":1,"\n":2}` as the former.
 */
function hasEscapedKey(text: string): boolean {
  let backslash = text.indexOf('\\');
  if (backslash === -1) return false;
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', start)) {
    const end = endOfString(text, start);
    if (backslash < end) {
      if (isKey(text, end)) return true;
      backslash = text.indexOf('\\', end);
      if (backslash === -1) return false;
    }
    start = end + 1;
  }
  return false;
}

/** Whether the string that ends here is followed by a colon. */
function isKey(text: string, end: number): boolean {
  for (let i = end + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit === 0x3a;
  }
  return false;
}

/** The index of the quotation mark that ends the string that begins at `start`, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) return i;
    if (unit === 0x5c) i++;
  }
  return text.length;
}

/** Whether a value has a number that strict canonical JSON doesn't know; if not `isStrict`, that none knows. */
function oddNumber(value: JsonValue, isStrict: boolean): 'float' | 'integer-out-of-range' | undefined {
  if (typeof value === 'number') return Number.isInteger(value) || !isStrict ? undefined : 'float';
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof JsonNumber) {
    if (value.isInteger) return isStrict ? 'integer-out-of-range' : undefined;
    return isStrict || !Number.isFinite(value.value) ? 'float' : undefined;
  }
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    const reason = oddNumber(member, isStrict);
    if (reason) return reason;
  }
  return undefined;
}
