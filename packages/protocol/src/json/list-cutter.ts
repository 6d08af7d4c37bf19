import { parseJson } from './parse.ts';

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
/** Longer keys are none that is asked for. */
const longestKey = 256;

/** Gets the bytes of an item, which are its JSON if it has any; they hold until the call is over. */
export type TakeItem = (list: string, item: Uint8Array) => void;

type Place =
  | 'start'
  | 'first-key'
  | 'key'
  | 'colon'
  | 'value'
  | 'first-item'
  | 'item'
  | 'behind-item'
  | 'behind'
  | 'end';

/**
 * Cuts the items of lists out of a JSON object that comes in pieces, so that neither its text nor its parsed form is ever
 * in memory as a whole. What stands in an item isn't looked at: who takes it parses it. What stands beside the lists is
 * passed over.
 */
export class ListCutter {
  readonly #open: Set<string>;
  readonly #take: TakeItem;
  #place: Place = 'start';
  /** The list whose items are being read. */
  #list: string | undefined;
  /** What an open key, item or other value is: it ends with its string, its bracket, or before what can't belong to it. */
  #kind: 'string' | 'brackets' | 'word' | undefined;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** The beginning of an open key or item, from pieces before. */
  #kept: Uint8Array[] = [];
  #keptLength = 0;

  constructor(lists: readonly string[], take: TakeItem) {
    this.#open = new Set(lists);
    this.#take = take;
  }

  /** Whether this is such an object so far. */
  push(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      if (this.#kind === undefined) {
        const unit = piece[at] as number;
        if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) at++;
        else if (!this.#begins(unit)) return false;
        // The first byte of a value is part of it; brackets, colons and commas of the object itself are done with.
        else if (this.#kind === undefined) at++;
        continue;
      }
      const end = this.#endOfValue(piece, at);
      if (end === undefined) {
        this.#keep(piece.subarray(at));
        return true;
      }
      if (!this.#ends(piece.subarray(at, end))) return false;
      at = end;
    }
    return true;
  }

  /** Whether the object is at its end, and all lists were in it. */
  get isWhole(): boolean {
    return this.#place === 'end' && this.#open.size === 0;
  }

  /** A byte between values. */
  #begins(unit: number): boolean {
    switch (this.#place) {
      case 'start':
        this.#place = 'first-key';
        return unit === 0x7b;
      case 'first-key':
      case 'key':
        if (unit === 0x7d && this.#place === 'first-key') {
          this.#place = 'end';
          return true;
        }
        this.#kind = 'string';
        return unit === quote;
      case 'colon':
        this.#place = 'value';
        return unit === 0x3a;
      case 'value':
        if (this.#list !== undefined) {
          this.#place = 'first-item';
          return unit === 0x5b;
        }
        return this.#opens(unit);
      case 'first-item':
      case 'item':
        if (unit !== 0x5d || this.#place === 'item') return this.#opens(unit);
        this.#leaveList();
        return true;
      case 'behind-item':
        if (unit === 0x5d) this.#leaveList();
        else this.#place = 'item';
        return unit === 0x5d || unit === comma;
      case 'behind':
        this.#place = unit === comma ? 'key' : 'end';
        return unit === comma || unit === 0x7d;
      case 'end':
        return false;
    }
  }

  #leaveList(): void {
    this.#list = undefined;
    this.#place = 'behind';
  }

  #opens(unit: number): boolean {
    if (isDelimiter(unit)) return false;
    if (unit === quote) this.#kind = 'string';
    else this.#kind = unit === 0x7b || unit === 0x5b ? 'brackets' : 'word';
    return true;
  }

  /** Where the open value ends in a piece; undefined if it goes on in the next. */
  #endOfValue(piece: Uint8Array, from: number): number | undefined {
    let depth = this.#depth;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    let at = from;
    let isOver = false;
    for (; at < piece.length && !isOver; at++) {
      const unit = piece[at] as number;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (unit === backslash) isEscaped = true;
        else if (unit === quote) {
          isInString = false;
          isOver = this.#kind === 'string';
        }
      } else if (unit === quote) {
        isInString = true;
      } else if (this.#kind === 'word') {
        if (isDelimiter(unit)) break;
      } else if (unit === 0x7b || unit === 0x5b) {
        depth++;
      } else if (unit === 0x7d || unit === 0x5d) {
        isOver = --depth === 0;
      }
    }
    const isInside = at === piece.length && !isOver;
    this.#depth = isInside ? depth : 0;
    this.#isInString = isInside && isInString;
    this.#isEscaped = isInside && isEscaped;
    return isInside ? undefined : at;
  }

  #keep(part: Uint8Array): void {
    const isKey = this.#place === 'key' || this.#place === 'first-key';
    const wanted = isKey ? this.#keptLength <= longestKey : this.#list !== undefined;
    if (!wanted) return;
    // The piece may be written over.
    this.#kept.push(Buffer.from(part));
    this.#keptLength += part.length;
  }

  #ends(lastPart: Uint8Array): boolean {
    this.#kind = undefined;
    let bytes = lastPart;
    if (this.#kept.length > 0) {
      bytes = Buffer.concat([...this.#kept, lastPart]);
      this.#kept = [];
      this.#keptLength = 0;
    }
    if (this.#place === 'key' || this.#place === 'first-key') return this.#hasKey(bytes);
    if (this.#list === undefined) {
      this.#place = 'behind';
    } else {
      this.#place = 'behind-item';
      this.#take(this.#list, bytes);
    }
    return true;
  }

  #hasKey(bytes: Uint8Array): boolean {
    this.#place = 'colon';
    if (bytes.length > longestKey) return true;
    const parsed = parseJson(bytes);
    if (!parsed.ok || typeof parsed.value !== 'string') return false;
    const key = parsed.value;
    if (this.#open.delete(key)) this.#list = key;
    return true;
  }
}

function isDelimiter(unit: number): boolean {
  return unit === comma || unit === 0x5d || unit === 0x7d || unit === 0x3a || unit <= 0x20;
}
