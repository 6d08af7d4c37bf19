import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodePointGlob, codePointsOf } from './code-point-glob.ts';
import { parseGlob } from './glob-pattern.ts';
import { compileGlob, containsWord } from './glob.ts';

const alphabet = ['a', 'b', 'A', '_', '-', ' ', '\n', 'é', '😀', '.'];
const texts = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 14 });
const patterns = fc.string({ unit: fc.constantFrom(...alphabet, '*', '*', '?'), maxLength: 8 });

function regexOf(pattern: string): string {
  return Array.from(pattern, (character) => {
    if (character === '*') return '.*';
    return character === '?' ? '.' : character === '.' ? '\\.' : character;
  }).join('');
}

/** By the definition: any substring with a boundary at both ends. */
function matchesSomeWords(pattern: string, text: string): boolean {
  const whole = new RegExp(`^(?:${regexOf(pattern)})$`, 'su');
  const characters = Array.from(text);
  const isBoundary = (at: number): boolean =>
    at === 0 || at === characters.length || !/\w/.test(characters[at - 1] ?? '') || !/\w/.test(characters[at] ?? '');
  for (let start = 0; start <= characters.length; start++) {
    for (let end = start; end <= characters.length; end++) {
      if (isBoundary(start) && isBoundary(end) && whole.test(characters.slice(start, end).join(''))) return true;
    }
  }
  return false;
}

describe('a glob', () => {
  it('matches whole texts as the equivalent regular expression does', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(compileGlob(pattern).matches(text)).toBe(new RegExp(`^${regexOf(pattern)}$`, 'su').test(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('matches words as the definition says', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(compileGlob(pattern, { match: 'word' }).matches(text)).toBe(matchesSomeWords(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  it('gives the same answer on its fast way and on its general way', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const general = new CodePointGlob(parseGlob(pattern, false));
        const codePoints = codePointsOf(text);
        expect(general.matchesWhole(codePoints)).toBe(compileGlob(pattern, { questionMark: false }).matches(text));
        const word = compileGlob(pattern, { questionMark: false, match: 'word' });
        expect(general.matchesWords(codePoints)).toBe(word.matches(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes ? for itself where only * is a wildcard', () => {
    const glob = compileGlob('a?*', { questionMark: false });
    expect(glob.matches('a?c')).toBe(true);
    expect(glob.matches('abc')).toBe(false);
  });

  it('finds runs of more than 32 characters', () => {
    const run = 'x?'.repeat(40);
    const glob = compileGlob(`*${run}*`);
    expect(glob.matches(`ab${'xy'.repeat(40)}c`)).toBe(true);
    expect(glob.matches(`ab${'xy'.repeat(20)}yx${'xy'.repeat(19)}c`)).toBe(false);
  });
});

describe('matching time', () => {
  const long = 'a'.repeat(60_000);
  const dashes = '-ab'.repeat(20_000);
  it.each([
    ['many stars', `${'*a'.repeat(500)}*b`, long],
    ['many stars and question marks', `${'*a?'.repeat(300)}*b`, long],
    ['a long run', `*${'a'.repeat(1000)}b*`, long],
    ['a long run with ?', `*${'a?'.repeat(500)}b*`, long],
    ['a word that is everywhere but never at boundaries', `${'-ab'.repeat(300)}-a`, dashes],
    ['a word within one long word', 'a'.repeat(1000), `b${long}b`],
  ])('stays linear: %s', (_, pattern, text) => {
    const whole = compileGlob(pattern);
    const words = compileGlob(pattern, { match: 'word' });
    const before = process.cpuUsage();
    expect(whole.matches(text)).toBe(false);
    expect(words.matches(text)).toBe(false);
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1000).toBeLessThan(1000);
  });
});

describe('a word', () => {
  it('is found at word boundaries only, and has no wildcards', () => {
    expect(containsWord('hello al*ce!', 'al*ce')).toBe(true);
    expect(containsWord('hello alice!', 'al*ce')).toBe(false);
    expect(containsWord('malice', 'alice')).toBe(false);
    expect(containsWord('café', 'caf')).toBe(true);
    expect(containsWord(`${'ab'.repeat(100)} ab`, 'ab')).toBe(true);
  });
});
