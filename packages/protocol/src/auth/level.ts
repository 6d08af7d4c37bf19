import { JsonNumber, type JsonValue } from '../json/value.ts';

/**
 * A power level. Integers beyond 2^53-1, which room versions before 10 let through, are bigints, all others numbers:
 * relational operators and `===` are exact on the mixture. A creator's level in version 12 is `Infinity`. `NaN` stands for
 * a level that can't be read: no comparison with it holds, so it permits nothing.
 */
export type Level = number | bigint;

/** What CPython takes for whitespace around an integer; the room versions only say "whitespace characters". */
const stringLevel =
  /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*([+-]?)0*([0-9]+)[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;

/** Longest string level, leading zeroes aside: other servers read no longer ones. */
const maxDigits = 4300;

/**
 * Reads a value of m.room.power_levels: an integer, in older room versions also a float (cut at the point) or a string of
 * an integer (Room Version 1, "accept values as strings", "accept values as floats"). Undefined if it is none of them.
 * That version 10 and up know integers only is checked when the event is set (`checkPowerLevels`).
 */
export function readLevel(value: JsonValue | undefined): Level | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value === 'string') return fromString(value);
  if (value instanceof JsonNumber) {
    return value.isInteger ? normalized(BigInt(value.text)) : fromNumber(value.value);
  }
  return undefined;
}

/** Whether a value is an integer as room versions 10 and up demand it. */
export function isIntegerLevel(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value);
}

function fromNumber(value: number): Level | undefined {
  if (Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) return undefined;
  return normalized(BigInt(Math.trunc(value)));
}

function fromString(text: string): Level | undefined {
  const match = stringLevel.exec(text);
  if (!match) return undefined;
  const digits = match[2]!;
  if (digits.length > maxDigits) return undefined;
  const magnitude = digits.length < 16 ? Number(digits) : normalized(BigInt(digits));
  return match[1] === '-' ? -magnitude : magnitude;
}

function normalized(value: bigint): Level {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
