/** JSON values as the protocol sees them. */

/**
 * A number that a JavaScript number can't tell apart from another one: an integer beyond 2^53-1, or a float without a
 * fraction (`1.0`, `1e5`). Only room versions 1 to 5 know such numbers; all others are plain numbers. It doesn't survive
 * structuredClone nor the way to another thread: pass the text on and parse it there.
 */
export class JsonNumber {
  /** The number as canonical JSON prints it. */
  readonly text: string;
  /** The nearest double. */
  readonly value: number;
  /** Whether it was written as an integer (no fraction, no exponent). */
  readonly isInteger: boolean;

  constructor(text: string, isInteger: boolean) {
    this.text = text;
    this.value = Number(text);
    this.isInteger = isInteger;
  }

  /** Lets `Number(x)`, `x - y` and `x < y` work, with the precision of a double. */
  valueOf(): number {
    return this.value;
  }

  /** Lets JSON.stringify print it without loss. */
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text);
  }
}

export type JsonValue = null | boolean | number | string | JsonNumber | JsonValue[] | JsonObject;

/** Parsed objects have `Object.prototype`: look keys that outsiders choose up with `getOwn`, not with `[]`. */
export type JsonObject = { [key: string]: JsonValue };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

/** The own property of an object, never an inherited one (`constructor`, `__proto__`). */
export function getOwn(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own property whatever its name: `object['__proto__'] = x` would set the prototype. */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}
