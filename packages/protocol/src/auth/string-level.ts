import { safeOrBig, type Level } from './level-value.ts';

/** What CPython takes for whitespace around an integer; the room versions only say "whitespace characters". */
const space = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*`;

/** Room Version 1, "`m.room.power_levels` events accept values as strings". */
const specified = new RegExp(`^${space}([+-]?)([0-9]+)${space}$`);

/** All that CPython's int() reads: also digits of other scripts, and single underscores between digits. */
const readable = new RegExp(String.raw`^${space}([+-]?)(\p{Nd}+(?:_\p{Nd}+)*)${space}$`, 'u');

/** Longer strings are no levels for CPython, leading zeroes aside. */
const maxDigits = 4300;

/** Whether the string is an integer in the format that room versions 1 to 9 define. */
export function isStringLevel(text: string): boolean {
  return specified.test(text) && readStringLevel(text) !== undefined;
}

/** The integer that the string is for Synapse; undefined if none. */
export function readStringLevel(text: string): Level | undefined {
  const match = specified.exec(text) ?? readable.exec(text);
  if (!match) return undefined;
  const digits = asciiDigits(match[2]!).replace(/^0+(?=[0-9])/, '');
  if (digits.length > maxDigits) return undefined;
  const magnitude = safeOrBig(BigInt(digits));
  return match[1] === '-' ? -magnitude : magnitude;
}

function asciiDigits(digits: string): string {
  if (/^[0-9]+$/.test(digits)) return digits;
  let ascii = '';
  for (const character of digits) if (character !== '_') ascii += digitValue(character.codePointAt(0)!);
  return ascii;
}

/** Decimal digits stand in rows of ten, from 0 to 9, and rows may adjoin (Unicode Standard §4.6). */
function digitValue(codePoint: number): number {
  let first = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return (codePoint - first) % 10;
}
