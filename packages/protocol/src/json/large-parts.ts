import { JsonSyntaxError } from './exact-parser.ts';
import type { Steps } from './steps.ts';

/** Characters that are read, parsed or printed before others have the thread. */
export const pieceSize = 16_384;
/** Longer strings are read in pieces too. */
export const longString = 8 * pieceSize;

/** Where a JSON text can't be taken in one go. */
export interface LargeParts {
  /** Where the array or object of the whole text begins, and the index behind its end. */
  readonly start: number;
  readonly end: number;
  /** Of each array, object or string that is larger than a piece, the end by the beginning. */
  readonly ends: ReadonlyMap<number, number>;
  /** The beginnings of items of lists in the text's object that are larger than was asked for. */
  readonly overfull: ReadonlySet<number>;
}

export interface LargePartsLimits {
  /** Levels of arrays and objects. */
  readonly maxDepth: number;
  /** Values of the whole text. */
  readonly mostValues?: number;
  readonly items?: ItemLimits;
}

/** What an item of a list in the text's object may hold; besides, keys that are as long as long strings are too much. */
export interface ItemLimits {
  readonly values: number;
  /** As they are written. */
  readonly characters: number;
}

const quote = 0x22;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const comma = 0x2c;

/**
 * Goes through the text of an array or object once, in pieces. Strings are closed and brackets match afterwards, all
 * else may still be wrong. Throws JsonSyntaxError.
 */
export function* findLargeParts(text: string, limits: LargePartsLimits): Steps<LargeParts> {
  const scan = new Scan(text, limits);
  while (scan.goOn()) yield;
  return scan;
}

class Scan implements LargeParts {
  start = 0;
  end = 0;
  readonly ends = new Map<number, number>();
  readonly overfull = new Set<number>();
  readonly #text: string;
  readonly #limits: LargePartsLimits;
  /** The beginnings of what is open. */
  readonly #open: number[] = [];
  #at = 0;
  #stringStart: number | undefined;
  #isOver = false;
  #values = 0;
  #valuesBeforeItem = 0;
  #lastLongKey = -1;

  constructor(text: string, limits: LargePartsLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  /** Reads a piece; false at the end of the text. */
  goOn(): boolean {
    const text = this.#text;
    const end = Math.min(this.#at + pieceSize, text.length);
    while (this.#at < end) {
      if (this.#stringStart === undefined) this.#between(end);
      else this.#inString(end);
    }
    if (this.#values > (this.#limits.mostValues ?? Infinity)) throw new JsonSyntaxError('too-large');
    if (end < text.length) return true;
    if (!this.#isOver) throw new JsonSyntaxError('not-json');
    return false;
  }

  #between(end: number): void {
    const text = this.#text;
    for (let at = this.#at; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (this.#open.length === 0 && !this.#isOutside(unit)) throw new JsonSyntaxError('not-json');
      if (unit === quote) {
        this.#stringStart = at;
        this.#at = at + 1;
        return;
      }
      if (unit === openList || unit === openObject) this.#opens(at);
      else if (unit === closeList || unit === closeObject) this.#closes(at, unit);
      else if (unit === comma) this.#values++;
    }
    this.#at = end;
  }

  #inString(end: number): void {
    const text = this.#text;
    let at = this.#at;
    for (; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === backslash) at++;
      else if (unit === quote) {
        const start = this.#stringStart as number;
        if (at - start > longString) this.#isLong(start, at + 1);
        this.#stringStart = undefined;
        at++;
        break;
      }
    }
    this.#at = at;
  }

  #isLong(start: number, end: number): void {
    this.ends.set(start, end);
    if (this.#limits.items && /^[ \t\n\r]*:/.test(this.#text.slice(end, end + 100))) this.#lastLongKey = start;
  }

  #isOutside(unit: number): boolean {
    if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) return true;
    return !this.#isOver && (unit === openList || unit === openObject);
  }

  #opens(at: number): void {
    this.#open.push(at);
    this.#values++;
    if (this.#open.length > this.#limits.maxDepth) throw new JsonSyntaxError('too-deep');
    if (this.#open.length === 3) this.#valuesBeforeItem = this.#values;
  }

  #closes(at: number, unit: number): void {
    const start = this.#open.pop() as number;
    // ASCII has `[` and `]`, `{` and `}` two apart.
    if (this.#text.charCodeAt(start) !== unit - 2) throw new JsonSyntaxError('not-json');
    if (at - start > pieceSize) this.ends.set(start, at + 1);
    if (this.#open.length === 0) {
      this.#isOver = true;
      this.start = start;
      this.end = at + 1;
    } else if (this.#open.length === 2 && this.#isItem()) {
      if (this.#isTooMuch(start, at)) this.overfull.add(start);
    }
  }

  #isTooMuch(start: number, at: number): boolean {
    const { items } = this.#limits;
    if (!items) return false;
    const values = this.#values - this.#valuesBeforeItem;
    return values > items.values || at - start > items.characters || this.#lastLongKey > start;
  }

  #isItem(): boolean {
    const [root, list] = this.#open as [number, number];
    return this.#text.charCodeAt(root) === openObject && this.#text.charCodeAt(list) === openList;
  }
}
