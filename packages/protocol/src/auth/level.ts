import { JsonNumber, type JsonValue } from '../json/value.ts';
import { isStringLevel, readStringLevel } from './string-level.ts';
import { safeOrBig, type Level } from './level-value.ts';

export type { Level } from './level-value.ts';

/**
 * What a value of m.room.power_levels that is in force is worth: an integer, a float (cut at the point), a string of an
 * integer. The rules don't say what follows from other values that a room before version 10 may have; there we read what
 * Synapse reads, so that rooms don't fall apart over it: `true` is 1, `"5_0"` is 50. Undefined if it is no level at all.
 */
export function readLevel(value: JsonValue | undefined): Level | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value === 'string') return readStringLevel(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof JsonNumber) {
    return value.isInteger ? safeOrBig(BigInt(value.text)) : fromNumber(value.value);
  }
  return undefined;
}

/** Whether a value is a level as room versions 1 to 9 define it: integer, float or string of an integer. */
export function isLenientLevel(value: JsonValue): boolean {
  if (typeof value === 'string') return isStringLevel(value);
  return typeof value !== 'boolean' && readLevel(value) !== undefined;
}

/** Whether a value is a level as room versions 10 and up define it: an integer. */
export function isIntegerLevel(value: JsonValue): value is number {
  return Number.isSafeInteger(value);
}

function fromNumber(value: number): Level | undefined {
  if (Number.isSafeInteger(value)) return value;
  return Number.isFinite(value) ? safeOrBig(BigInt(Math.trunc(value))) : undefined;
}
