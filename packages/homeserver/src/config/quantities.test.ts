import { describe, expect, it } from 'vitest';
import { parseDuration, parseSize } from './quantities.ts';

describe('durations', () => {
  it.each([
    [5000, 5000],
    ['5000', 5000],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
    ['-1s', -1000],
  ])('reads %j', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', 'm', '5 minutes', '1.5h', '5M', '5ms', true, null, 1.5, [], Number.MAX_VALUE, '999999999999999y'])(
    "doesn't take %j",
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('sizes', () => {
  it.each([
    [1024, 1024],
    ['1024', 1024],
    ['10K', 10_240],
    ['50M', 52_428_800],
    ['2G', 2_147_483_648],
    ['1T', 1_099_511_627_776],
    ['87KiB', 89_088],
  ])('reads %j', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'M', '50 MB', '50MB', '50m', '1.5G', null, {}, false])("doesn't take %j", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});
