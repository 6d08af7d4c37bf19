import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '../json/parse.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import type { Vector } from './category.ts';

/** Reads a file of vectors, one JSON object a line, gzipped or not. Throws if it isn't one. */
export function readVectors(path: string): Vector[] {
  const bytes = readFileSync(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const parsed = parseJson(line);
      if (!parsed.ok || !isVector(parsed.value)) throw new Error(`${path}: a line is not a vector`);
      const vector = parsed.value;
      unpack(vector.input);
      unpack(vector.expect);
      return vector;
    });
}

function isVector(value: unknown): value is Vector {
  const { id, input, expect } = value as Vector;
  return typeof id === 'string' && isJsonObject(input) && isJsonObject(expect);
}

/**
 * Beside each `x_json`, the exact text of a value that JSON.parse would spoil, sets the value as `x`. Text that can't be
 * read leaves `x` away.
 */
function unpack(object: JsonObject): void {
  for (const [key, text] of Object.entries(object)) {
    if (!key.endsWith('_json') || typeof text !== 'string') continue;
    const parsed = parseJson(text);
    if (parsed.ok) object[key.slice(0, -'_json'.length)] = parsed.value;
  }
}
