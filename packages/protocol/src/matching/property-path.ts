import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/**
 * The property names of a dot-separated path (Appendices, "Dot-separated property paths"): `content.m\.mentions` gives
 * `content` and `m.mentions`. A backslash before anything but a dot or a backslash stands for itself.
 */
export function parsePropertyPath(path: string): string[] {
  if (!path.includes('\\')) return path.split('.');
  const names: string[] = [];
  let name = '';
  for (let i = 0; i < path.length; i++) {
    const character = path[i] as string;
    const next = path[i + 1];
    if (character === '.') {
      names.push(name);
      name = '';
    } else if (character === '\\' && (next === '.' || next === '\\')) {
      name += next;
      i++;
    } else {
      name += character;
    }
  }
  names.push(name);
  return names;
}

/** The value at a path, through own properties of objects only; undefined if there is none. */
export function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
