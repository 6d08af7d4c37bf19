import { JsonNumber, setOwn, type JsonObject, type JsonValue } from '@myelin/protocol';
import { hostileValues } from './hostile-values.ts';
import type { Seeded } from './seeded.ts';
import type { KnownNames } from './value-from-schema.ts';

export interface MutationOptions {
  readonly random: Seeded;
  readonly known: KnownNames;
}

/** Numbers that JSON can write and programs stumble over. */
const oddNumbers: readonly JsonValue[] = [
  -1,
  0,
  1,
  0.5,
  -0.5,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  2 ** 53,
  2 ** 63,
  new JsonNumber('9223372036854775808', true),
  new JsonNumber('1.0', false),
  new JsonNumber('1e400', false),
  new JsonNumber('100000000000000000000000000000', true),
];

/** Keys that mean something to JavaScript, to Matrix, or to nobody. */
const oddKeys: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'then',
  'length',
  'hasOwnProperty',
  '',
  ' ',
  '0',
  '\u0000',
  '\uD800',
  '\n',
  'a.b\\c',
  'x'.repeat(300),
  'membership',
  'unsigned',
  'signatures',
  'hashes',
  'event_id',
  'm.relates_to',
  'state_key',
  'redacts',
];

interface Place {
  readonly holder: JsonValue[] | JsonObject;
  readonly key: number | string;
}

/** Of a value that is changed, as JSON, in characters: what is repeated in what was repeated is a burden for us only. */
const largest = 500_000;

/** A copy of a value in which some places are changed in a way that its reader may not expect. */
export function mutate(value: JsonValue, changes: number, options: MutationOptions): JsonValue {
  const root: JsonObject = { value: copyOf(value) };
  for (let count = 0; count < changes; count++) {
    const places = placesOf(root['value'] as JsonValue, { holder: root, key: 'value' });
    const place = options.random.pick(places.slice(0, 5_000));
    change(place, places, options);
    if (JSON.stringify(root).length > largest) put(place.holder, place.key, null);
  }
  return root['value'] as JsonValue;
}

/** Changes in a request or an event: mostly none or one, at times several. */
export function someChanges(random: Seeded): number {
  return random.pick([0, 1, 1, 1, 2, 2, 3, 6]);
}

function change({ holder, key }: Place, places: readonly Place[], options: MutationOptions): void {
  const { random } = options;
  const old = at(holder, key);
  switch (random.below(10)) {
    case 0:
      return put(holder, key, hostile(random));
    case 1:
      return remove(holder, key);
    case 2:
      return put(holder, key, typeof old === 'string' ? oddName(old, options) : anyName(options));
    case 3:
      return put(holder, key, random.pick<JsonValue>([[old], { value: old }, [[old]], [old, copyOf(old)]]));
    case 4: {
      const { holder: otherHolder, key: otherKey } = random.pick(places);
      return put(holder, key, copyOf(at(otherHolder, otherKey)));
    }
    case 5:
      return put(holder, key, otherType(old));
    case 6:
      return put(holder, key, random.pick(oddNumbers));
    case 7:
      // Copied: what is one thing in many places would be changed in all of them at once.
      return put(holder, key, copyOf(repeated(old, random)));
    default:
      if (!Array.isArray(old) && isObject(old)) setOwn(old, random.pick(oddKeys), hostile(random));
      else if (!Array.isArray(holder)) rename(holder, String(key), random.pick(oddKeys));
      else put(holder, key, hostile(random));
  }
}

/** The list itself must stay as it is. */
function hostile(random: Seeded): JsonValue {
  return copyOf(random.pick(hostileValues) as JsonValue);
}

/** An identifier that was one before it was changed. */
export function oddName(name: string, { random, known }: MutationOptions): string {
  const middle = random.below(name.length + 1);
  const insertion = random.pick([
    '\u0000',
    '%00',
    '/',
    '..',
    ' ',
    ':',
    '\uD800',
    '\u202E',
    '%2F',
    '\n',
    '?',
    '#',
    '"',
    'İ',
  ]);
  switch (random.below(9)) {
    case 0:
      return '';
    case 1:
      return name.slice(0, 1);
    case 2:
      return random.pick(['@', '!', '#', '$', '+', '']) + name.slice(1);
    case 3:
      return name.slice(0, middle) + insertion + name.slice(middle);
    case 4:
      return name.slice(0, middle);
    case 5:
      return name + 'x'.repeat(random.pick([1, 200, 300, 70_000]));
    case 6:
      return name.toUpperCase();
    case 7:
      return name.replace(/:.*$/, random.pick([':', ':localhost', ':[::1]:1', ':999.1.1.1', ':x:99999', '']));
    default:
      return anyName({ random, known });
  }
}

function anyName({ random, known }: MutationOptions): string {
  return random.pick(Object.values(known).flat());
}

function otherType(value: JsonValue): JsonValue {
  if (typeof value === 'string') return Number.isNaN(Number(value)) ? value.slice(0, 20).split('') : Number(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return Object.fromEntries(value.slice(0, 100).entries()) as JsonObject;
  if (isObject(value)) return Object.values(value);
  return value === null ? 'null' : { value };
}

function repeated(value: JsonValue, random: Seeded): JsonValue {
  const size = JSON.stringify(value ?? null).length;
  const most = Math.max(1, Math.floor(300_000 / (size + 1)));
  const times = Math.min(most, random.pick([2, 3, 60, 1_000, 10_000]));
  if (Array.isArray(value)) return Array.from({ length: times }, () => value).flat();
  if (typeof value === 'string') return value.repeat(Math.min(times, 1_000, most));
  if (!isObject(value)) return Array.from({ length: times }, () => value);
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value))
    for (let count = 0; count < times; count++) setOwn(result, count === 0 ? key : `${key}${count}`, item);
  return result;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !(value instanceof JsonNumber);
}

function at(holder: JsonValue[] | JsonObject, key: number | string): JsonValue {
  return (holder as Record<string | number, JsonValue>)[key] ?? null;
}

function put(holder: JsonValue[] | JsonObject, key: number | string, value: JsonValue): void {
  if (Array.isArray(holder)) holder[key as number] = value;
  else setOwn(holder, String(key), value);
}

function remove(holder: JsonValue[] | JsonObject, key: number | string): void {
  if (Array.isArray(holder)) holder.splice(key as number, 1);
  else if (key !== 'value') delete holder[key as string];
}

function rename(holder: JsonObject, from: string, to: string): void {
  if (from === 'value') return;
  const value = at(holder, from);
  delete holder[from];
  setOwn(holder, to, value);
}

function placesOf(value: JsonValue, own: Place, found: Place[] = []): Place[] {
  found.push(own);
  if (Array.isArray(value)) value.slice(0, 200).forEach((item, key) => placesOf(item, { holder: value, key }, found));
  else if (isObject(value))
    for (const key of Object.keys(value)) placesOf(at(value, key), { holder: value, key }, found);
  return found;
}

function copyOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyOf(at(value, key)));
  return copy;
}
