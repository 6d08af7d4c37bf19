import { pythonFloat } from './python-float.ts';
import { JsonNumber, setOwn, type JsonObject, type JsonValue } from './value.ts';

export type JsonSyntaxReason = 'not-utf8' | 'not-json' | 'too-deep' | 'too-large' | 'float' | 'integer-out-of-range';

export class JsonSyntaxError extends Error {
  readonly reason: JsonSyntaxReason;

  constructor(reason: JsonSyntaxReason) {
    super(`not acceptable JSON: ${reason}`);
    this.name = 'JsonSyntaxError';
    this.reason = reason;
  }
}

/** Longer integers are refused: reading and printing them takes time that grows with the square of their length. */
const maxIntegerDigits = 4300;

/** A recursive-descent JSON parser that keeps numbers as they were written. Used where JSON.parse might lose something. */
export class ExactParser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  /** Throws JsonSyntaxError. */
  parse(): JsonValue {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new JsonSyntaxError('not-json');
    return value;
  }

  #value(depth: number): JsonValue {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#readNumber();
    }
  }

  #object(depth: number): JsonObject {
    const object: JsonObject = {};
    if (this.#opened(depth, '}')) return object;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw new JsonSyntaxError('not-json');
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') throw new JsonSyntaxError('not-json');
      this.#at++;
      setOwn(object, key, this.#value(depth));
      if (this.#closed('}')) return object;
    }
  }

  #array(depth: number): JsonValue[] {
    const values: JsonValue[] = [];
    if (this.#opened(depth, ']')) return values;
    for (;;) {
      values.push(this.#value(depth));
      if (this.#closed(']')) return values;
    }
  }

  /** Behind an opening bracket: whether it is closed at once. */
  #opened(depth: number, end: string): boolean {
    if (depth > this.#maxDepth) throw new JsonSyntaxError('too-deep');
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] !== end) return false;
    this.#at++;
    return true;
  }

  /** Behind a member: whether the bracket is closed, or else a comma stood there. */
  #closed(end: string): boolean {
    this.#skipSpace();
    const found = this.#text[this.#at++];
    if (found === end) return true;
    if (found === ',') return false;
    throw new JsonSyntaxError('not-json');
  }

  #string(): string {
    const start = this.#at;
    let escaped = false;
    for (let i = start + 1; ; i++) {
      const unit = this.#text.charCodeAt(i);
      if (unit === 0x22) {
        this.#at = i + 1;
        break;
      }
      if (unit === 0x5c) {
        escaped = true;
        i++;
      } else if (!(unit >= 0x20)) {
        throw new JsonSyntaxError('not-json'); // a control character, or the end of the text (NaN)
      }
    }
    if (!escaped) return this.#text.slice(start + 1, this.#at - 1);
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      throw new JsonSyntaxError('not-json');
    }
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw new JsonSyntaxError('not-json');
    this.#at += word.length;
    return value;
  }

  #readNumber(): number | JsonNumber {
    this.#number.lastIndex = this.#at;
    const match = this.#number.exec(this.#text);
    if (!match) throw new JsonSyntaxError('not-json');
    this.#at += match[0].length;
    return match[1] === undefined && match[2] === undefined ? this.#integer(match[0]) : this.#float(match[0]);
  }

  #integer(text: string): number | JsonNumber {
    const value = Number(text) + 0; // + 0 turns -0 into 0
    if (Number.isSafeInteger(value)) return value;
    if (text.replace('-', '').length > maxIntegerDigits) throw new JsonSyntaxError('not-json');
    return new JsonNumber(text, true);
  }

  #float(text: string): number | JsonNumber {
    const value = Number(text);
    if (!Number.isFinite(value)) return new JsonNumber(text, false);
    return Number.isInteger(value) ? new JsonNumber(pythonFloat(value), false) : value;
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }
}
