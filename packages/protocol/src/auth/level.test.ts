import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber } from '../json/value.ts';
import { isIntegerLevel, isLenientLevel, readLevel } from './level.ts';

describe('power level values', () => {
  it('reads integers and strings of integers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (level) => {
        expect(readLevel(level)).toBe(level);
        expect(readLevel(` ${level}\n`)).toBe(level);
        expect(readLevel(`00${Math.abs(level)}`)).toBe(Math.abs(level));
        expect(isLenientLevel(String(level))).toBe(true);
      }),
    );
  });

  it.each([
    [' +100 ', 100],
    ['-050', -50],
    ['\u3000\x1c7\x85', 7],
    ['9007199254740993', 9007199254740993n],
    [new JsonNumber('100000000000000000000', true), 100000000000000000000n],
    [new JsonNumber('1e5', false), 100000],
    [1e22, 10000000000000000000000n],
    [50.57, 50],
    [-0.5, 0],
    ['0'.repeat(5000), 0],
  ])('reads %j', (value, level) => {
    expect(readLevel(value)).toBe(level);
    expect(isLenientLevel(value)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '5.0',
    '1e5',
    '+ 5',
    '--5',
    '0x10',
    '5a',
    'x',
    '\ufeff5',
    '5\0',
    '9'.repeat(4301),
    null,
    [],
    {},
    [5],
  ])('takes %j for no level', (value) => {
    expect(readLevel(value)).toBeUndefined();
    expect(isLenientLevel(value)).toBe(false);
  });

  it('takes a float beyond the doubles for no level', () => {
    expect(readLevel(new JsonNumber('1e400', false))).toBeUndefined();
  });

  it.each([
    ['5_0', 50],
    ['\u0665\u0660', 50],
    ['\u{1d7d9}\u{1d7ff}', 19],
    [true, 1],
    [false, 0],
  ])('reads %j where it is in force, though it may not be set', (value, level) => {
    expect(readLevel(value)).toBe(level);
    expect(isLenientLevel(value)).toBe(false);
  });

  it.each(['_5', '5_', '5__0'])('takes %j for no level even in force', (value) => {
    expect(readLevel(value)).toBeUndefined();
  });

  it('knows integers only from version 10 on', () => {
    expect([50, -1, 2 ** 53 - 1].every(isIntegerLevel)).toBe(true);
    expect(['50', 50.5, 2 ** 53, true, null, new JsonNumber('1.0', false)].some(isIntegerLevel)).toBe(false);
  });
});
