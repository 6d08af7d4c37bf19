import { canonicalJson, canonicalKey } from './canonical.ts';
import { JsonSyntaxError } from './exact-parser.ts';
import { sortKeysInSteps } from './sorted-in-steps.ts';
import type { Steps } from './steps.ts';
import { setOwn, type JsonObject, type JsonValue } from './value.ts';

/** Objects of more members are refused: each more makes growing and sorting dearer. */
const mostMembers = 250_000;
/** And lists of values with more items. */
const mostItems = 1_000_000;
/** So many members of an object are printed in a step. */
const printedAtOnce = 1_000;
/** And one whose key is longer than that. */
const longKey = 16_384;

/** Makes something of a JSON text whose parts come one after the other. */
export interface Builder<T> {
  open(isObject: boolean): Container<T>;
  string(pieces: Iterable<string>): Steps<T>;
}

/** An array or object in the making. What it throws is a JsonSyntaxError or a CanonicalJsonError. */
export interface Container<T> {
  /** Takes members in their parsed form, in an array or object as this one. */
  addFew(values: JsonValue): void;
  /** `key` in an object. */
  add(key: string | undefined, value: T): void;
  close(): Steps<T>;
}

/** Makes the value that the text stands for. */
export class ValueBuilder implements Builder<JsonValue> {
  readonly #convert: (value: JsonValue) => JsonValue;

  constructor(convert: (value: JsonValue) => JsonValue = (value) => value) {
    this.#convert = convert;
  }

  open(isObject: boolean): Container<JsonValue> {
    return isObject ? new ObjectOfValues(this.#convert) : new ListOfValues(this.#convert);
  }

  *string(pieces: Iterable<string>): Steps<JsonValue> {
    let text = '';
    for (const piece of pieces) {
      text += piece;
      yield;
    }
    return text;
  }
}

class ListOfValues implements Container<JsonValue> {
  readonly #convert: (value: JsonValue) => JsonValue;
  readonly #values: JsonValue[] = [];

  constructor(convert: (value: JsonValue) => JsonValue) {
    this.#convert = convert;
  }

  addFew(values: JsonValue): void {
    for (const value of this.#convert(values) as JsonValue[]) this.add(undefined, value);
  }

  add(_key: string | undefined, value: JsonValue): void {
    if (this.#values.push(value) > mostItems) throw new JsonSyntaxError('too-large');
  }

  *close(): Steps<JsonValue> {
    yield;
    return this.#values;
  }
}

class ObjectOfValues implements Container<JsonValue> {
  readonly #convert: (value: JsonValue) => JsonValue;
  readonly #object: JsonObject = {};
  #size = 0;

  constructor(convert: (value: JsonValue) => JsonValue) {
    this.#convert = convert;
  }

  addFew(values: JsonValue): void {
    const few = this.#convert(values) as JsonObject;
    for (const key of Object.keys(few)) this.add(key, few[key] as JsonValue);
  }

  add(key: string | undefined, value: JsonValue): void {
    if (++this.#size > mostMembers) throw new JsonSyntaxError('too-large');
    setOwn(this.#object, key as string, value);
  }

  *close(): Steps<JsonValue> {
    yield;
    return this.#object;
  }
}

/** Makes the canonical JSON. */
export class TextBuilder implements Builder<string> {
  open(isObject: boolean): Container<string> {
    return isObject ? new ObjectText() : new ListText();
  }

  *string(pieces: Iterable<string>): Steps<string> {
    let text = '"';
    for (const piece of pieces) {
      text += within(canonicalJson(piece));
      yield;
    }
    return `${text}"`;
  }
}

class ListText implements Container<string> {
  // Texts are put together by `+`, which copies nothing: each level of a deep nest would copy all that is in it.
  #text = '';

  addFew(values: JsonValue): void {
    const text = within(canonicalJson(values, 'lenient'));
    if (text !== '') this.add(undefined, text);
  }

  add(_key: string | undefined, text: string): void {
    this.#text += this.#text === '' ? text : `,${text}`;
  }

  *close(): Steps<string> {
    yield;
    return `[${this.#text}]`;
  }
}

class ObjectText implements Container<string> {
  readonly #members = new Map<string, string>();

  addFew(values: JsonValue): void {
    const few = values as JsonObject;
    for (const key of Object.keys(few)) this.add(key, canonicalJson(few[key] as JsonValue, 'lenient'));
  }

  add(key: string | undefined, text: string): void {
    this.#members.set(key as string, text);
    if (this.#members.size > mostMembers) throw new JsonSyntaxError('too-large');
  }

  *close(): Steps<string> {
    const keys = yield* sortKeysInSteps([...this.#members.keys()]);
    let text = '';
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      text += at === 0 ? canonicalKey(key) : `,${canonicalKey(key)}`;
      text += this.#members.get(key) as string;
      if (at % printedAtOnce === 0 || key.length > longKey) yield;
    }
    return `{${text}}`;
  }
}

/** Without the brackets or quotation marks. */
function within(text: string): string {
  return text.slice(1, -1);
}
