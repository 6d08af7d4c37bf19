import fc from 'fast-check';
import { isJsonObject, setOwn, type JsonObject, type JsonValue } from '../json/value.ts';

/** Keys that have gone wrong somewhere: inherited names, integer-like ones, surrogates beside U+E000 and up, escapes. */
const oddKeys = [
  '__proto__',
  'constructor',
  'toString',
  '0',
  '10',
  '9',
  '4294967295',
  '',
  '\\',
  '"',
  '\n',
  '\u{1f600}',
  '\uffff',
  '\ue000',
  '\ud7ff',
  'é',
];
const key = fc.oneof(
  fc.constantFrom(...oddKeys),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ maxLength: 6 }),
);
const leaf: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger().map((value) => value + 0),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
);

/** Values that strict canonical JSON knows. */
export const arbitraryJson: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 5 }), tie('object')),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 8 }).map(objectOf),
})).value;

export const arbitraryObject: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(key, arbitraryJson), { maxLength: 8 })
  .map(objectOf);

/** The same value with the members of all objects in another order. */
export function reordered(value: JsonValue, order: (keys: string[]) => string[]): JsonValue {
  if (Array.isArray(value)) return value.map((member) => reordered(member, order));
  if (!isJsonObject(value)) return value;
  return objectOf(order(Object.keys(value)).map((name) => [name, reordered(value[name] as JsonValue, order)]));
}

function objectOf(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object: JsonObject = {};
  for (const [name, value] of entries) setOwn(object, name, value);
  return object;
}
