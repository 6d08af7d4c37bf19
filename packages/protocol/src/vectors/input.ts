import { parseJson } from '../json/parse.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';

/** An input that stands there as `name`, or as exact JSON text as `name_json`. */
export function inputOf(input: JsonObject, name: string): JsonValue | undefined {
  const text = input[`${name}_json`];
  if (typeof text !== 'string') return input[name];
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${name}_json: ${parsed.reason}`);
  return parsed.value;
}
