import { JsonSyntaxError } from './exact-parser.ts';
import { longString, pieceSize, type LargeParts } from './large-parts.ts';
import { piecesOfString } from './long-strings.ts';
import { parseJson, type Numbers } from './parse.ts';
import type { JsonObject, JsonValue } from './value.ts';

/** What follows next in a large array or object. */
export type Members =
  /** Members that are small. */
  | { readonly kind: 'few'; readonly values: JsonValue[] | JsonObject }
  /** One that is large itself, or whose key is; `key` in an object. */
  | { readonly kind: 'large'; readonly key: string | undefined; readonly start: number; readonly end: number };

const comma = 0x2c;
const colon = 0x3a;
/** A key and a string, and what stands around them; numbers and gaps that are longer than that are nobody's. */
const longestMember = 3 * longString;
/** As it is written. It is read in one go. */
const longestKey = 1_000_000;

/** Reads what stands directly in a large array or object, some of it at a time. */
export class MemberReader {
  readonly isObject: boolean;
  readonly #text: string;
  readonly #ends: ReadonlyMap<number, number>;
  /** Where the closing bracket stands. */
  readonly #close: number;
  readonly #numbers: Numbers;
  readonly #first: number;
  #at: number;
  #isOver = false;

  /** The array or object from `start` to `end` is the whole of the text, or one of its large parts. */
  constructor(
    text: string,
    { ends }: Pick<LargeParts, 'ends'>,
    [start, end]: readonly [number, number],
    numbers: Numbers,
  ) {
    this.#text = text;
    this.#ends = ends;
    this.#numbers = numbers;
    this.isObject = text.charCodeAt(start) === 0x7b;
    this.#close = end - 1;
    this.#first = this.#at = start + 1;
  }

  /** Undefined at the end. Throws JsonSyntaxError. */
  next(): Members | undefined {
    if (this.#isOver) return undefined;
    const text = this.#text;
    const from = this.#at;
    let member = from;
    let at = from;
    while (at < this.#close) {
      const unit = text.charCodeAt(at);
      if (unit === comma) {
        if (at - from >= pieceSize) return this.#few(from, at);
        member = ++at;
      } else if (unit === 0x22 || unit === 0x5b || unit === 0x7b) {
        const end = this.#ends.get(at);
        if (end === undefined) at = endOfSmall(text, at);
        else if (member > from) return this.#few(from, member - 1);
        else return this.#isKey(member, at, end) ? this.#withLongKey(at, end) : this.#large(member, at, end);
      } else {
        at++;
      }
      if (at - member > longestMember) throw new JsonSyntaxError('not-json');
    }
    this.#isOver = true;
    return this.#few(from, at);
  }

  #few(from: number, end: number): Members {
    this.#at = end + 1;
    const text = this.#text.slice(from, end);
    const parsed = parseJson(this.isObject ? `{${text}}` : `[${text}]`, { numbers: this.#numbers });
    if (!parsed.ok) throw new JsonSyntaxError(parsed.reason);
    const values = parsed.value as JsonValue[] | JsonObject;
    // Between two commas, or behind the last one, something has to stand.
    const isAll = from === this.#first && this.#isOver;
    if (!isAll && isEmpty(values)) throw new JsonSyntaxError('not-json');
    return { kind: 'few', values };
  }

  #large(from: number, start: number, end: number): Members {
    const lead = this.#text.slice(from, start);
    const key = this.isObject ? keyOf(lead) : undefined;
    if (!this.isObject && lead.trim() !== '') throw new JsonSyntaxError('not-json');
    this.#goBehind(end);
    return { kind: 'large', key, start, end };
  }

  #goBehind(end: number): void {
    const at = this.#behindSpace(end);
    if (at === this.#close) this.#isOver = true;
    else if (this.#text.charCodeAt(at) !== comma) throw new JsonSyntaxError('not-json');
    this.#at = at + 1;
  }

  /** Whether a long string is a key. */
  #isKey(from: number, start: number, end: number): boolean {
    if (!this.isObject || this.#text.charCodeAt(start) !== 0x22 || this.#behindSpace(from) !== start) return false;
    return this.#text.charCodeAt(this.#behindSpace(end)) === colon;
  }

  #withLongKey(start: number, end: number): Members {
    if (end - start > longestKey) throw new JsonSyntaxError('too-large');
    const key = [...piecesOfString(this.#text, start, end)].join('');
    const at = this.#behindSpace(this.#behindSpace(end) + 1);
    const unit = this.#text.charCodeAt(at);
    if (unit === 0x22 || unit === 0x5b || unit === 0x7b) {
      const behind = this.#ends.get(at) ?? endOfSmall(this.#text, at);
      this.#goBehind(behind);
      return { kind: 'large', key, start: at, end: behind };
    }
    let behind = at;
    while (behind < this.#close && behind - at < longestMember && this.#text.charCodeAt(behind) !== comma) behind++;
    const parsed = parseJson(`[${this.#text.slice(at, behind)}]`, { numbers: this.#numbers });
    const [value, ...others] = parsed.ok ? (parsed.value as JsonValue[]) : [];
    if (!parsed.ok && parsed.reason !== 'not-json') throw new JsonSyntaxError(parsed.reason);
    if (value === undefined || others.length > 0) throw new JsonSyntaxError('not-json');
    this.#goBehind(behind);
    return { kind: 'few', values: { [key]: value } };
  }

  #behindSpace(from: number): number {
    let at = from;
    while (at < this.#close && isSpace(this.#text.charCodeAt(at))) at++;
    return at;
  }
}

function isEmpty(values: JsonValue[] | JsonObject): boolean {
  return Array.isArray(values) ? values.length === 0 : Object.keys(values).length === 0;
}

/** Of what stands before a value: the key and a colon. */
function keyOf(lead: string): string {
  const parsed = parseJson(`{${lead}0}`);
  const keys = parsed.ok ? Object.keys(parsed.value as object) : [];
  if (keys.length !== 1) throw new JsonSyntaxError('not-json');
  return keys[0] as string;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** The index behind a string, array or object that is known to be closed. */
function endOfSmall(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) {
      for (at++; text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
    } else if (unit === 0x5b || unit === 0x7b) depth++;
    else if (unit === 0x5d || unit === 0x7d) depth--;
    if (depth === 0) return at + 1;
  }
}
