import { isJsonObject, JsonNumber, type JsonValue } from '../json/value.ts';

/** Whether two JSON values are the same, whatever the order of keys. */
export function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => same(value, b[index]));
  }
  if (a instanceof JsonNumber) return b instanceof JsonNumber && a.text === b.text;
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
