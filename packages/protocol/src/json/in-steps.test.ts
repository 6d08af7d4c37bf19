import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, CanonicalJsonError, maxJsonDepth } from './canonical.ts';
import { canonicalJsonInSteps, parseJsonInSteps, type StepwiseOptions } from './in-steps.ts';
import { parseJson } from './parse.ts';
import type { Steps } from './steps.ts';
import type { JsonValue } from './value.ts';

function finish<T>(steps: Steps<T>): { value: T; steps: number } {
  for (let count = 1; ; count++) {
    const { done, value } = steps.next();
    if (done) return { value, steps: count };
  }
}

const parsed = (text: string, options?: StepwiseOptions) => finish(parseJsonInSteps(text, options)).value;

/** The canonical JSON, or why there is none. */
function canonical(text: string): string {
  try {
    const result = finish(canonicalJsonInSteps(text)).value;
    return result.ok ? result.value : `none: ${result.reason}`;
  } catch (error) {
    if (error instanceof CanonicalJsonError) return `none: ${error.reason}`;
    throw error;
  }
}

function canonicalAtOnce(text: string): string {
  const result = parseJson(text);
  if (!result.ok) return `none: ${result.reason}`;
  try {
    return canonicalJson(result.value, 'lenient');
  } catch (error) {
    return `none: ${(error as CanonicalJsonError).reason}`;
  }
}

function sameAsAtOnce(text: string): void {
  expect(parsed(text)).toEqual(parseJson(text));
  expect(canonical(text)).toBe(canonicalAtOnce(text));
}

const item = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('1', '-0', '1.0', '1e3', '12345678901234567890', 'true', 'null', '[]', '{}'),
  },
  fc.constantFrom(
    '"\\ud83d\\ude00"',
    '"a,]}["',
    '"\\\\"',
    '"\\""',
    '{"\\n":[1]}',
    '{"__proto__":{"a":"é😀"}}',
    ' [ 1 , 2 ] ',
  ),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
);

/** Texts of some ten to some hundred thousand characters, in which large things stand in large things. */
const largeText: fc.Arbitrary<string> = fc
  .letrec<{ list: string; object: string; any: string }>((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, { weight: 3, arbitrary: item }, tie('list'), tie('object')),
    list: fc
      .record({ items: fc.array(tie('any'), { maxLength: 6 }), times: fc.constantFrom(1, 2, 400), gap: gap() })
      .map(({ items, times, gap }) => `[${gap}${repeated(items, times).join(`${gap},`)}${gap}]`),
    object: fc
      .record({ items: fc.array(tie('any'), { maxLength: 6 }), times: fc.constantFrom(1, 2, 400), gap: gap() })
      .map(({ items, times, gap }) => {
        const members = repeated(items, times).map(
          (each, n) => `${JSON.stringify(`${(n * 7) % 1000}${['é', '\ue000', '😀'][n % 3]}`)}${gap}:${each}`,
        );
        return `{${gap}${members.join(`${gap},${gap}`)}${gap}}`;
      }),
  }))
  .any.filter((text) => text.length < 200_000);

function gap() {
  return fc.constantFrom('', '', ' ', '\n\t');
}

/** Large only once, so that texts stay below some hundred thousand characters. */
function repeated(items: string[], times: number): string[] {
  const size = items.reduce((sum, each) => sum + each.length, 0);
  const all: string[] = [];
  for (let n = 0; n < (size > 5_000 ? 1 : times); n++) all.push(...items);
  return all;
}

describe('in steps', () => {
  const inBrackets = largeText.map((text) => `[${text},${text}]`);

  it('a text is read as at once', () => {
    fc.assert(fc.property(inBrackets, sameAsAtOnce), { numRuns: 40 });
  });

  it('a text that is spoilt is refused as at once', () => {
    fc.assert(
      fc.property(
        inBrackets,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.constantFrom('', ',', '"', '[', ']', '}', ':', '\\', '0', ' ', '\u0001', '\\ud800'),
        fc.nat(2),
        (text, where, put, dropped) => {
          const at = Math.floor(where * text.length);
          const spoilt = text.slice(0, at) + put + text.slice(at + dropped);
          const [stepwise, atOnce] = [parsed(spoilt), parseJson(spoilt)];
          expect(stepwise.ok).toBe(atOnce.ok);
          if (atOnce.ok) sameAsAtOnce(spoilt);
        },
      ),
      { numRuns: 100 },
    );
  });

  const many = (text: string, times: number) => Array.from({ length: times }, () => text).join(',');
  const large = `[${many('1', 20_000)}]`;

  it.each([
    ['a comma behind the last', `[${large},]`],
    ['a comma before the first', `[,${large}]`],
    ['two commas behind a large one', `[${large},,1]`],
    ['two commas between small ones', `[${many('1', 10_000)},,${many('1', 10_000)}]`],
    ['no comma', `[${large} 1]`],
    ['no comma before a large one', `[1 ${large}]`],
    ['no key', `{${large}}`],
    ['a key without a colon', `{"a" ${large}}`],
    ['two keys', `{"a":"b":${large}}`],
    ['a large one as the key', `{${large}:1}`],
    ['brackets that do not match', `[${large}}`],
    ['a bracket too many', `${large}]`],
    ['two texts', `${large}${large}`],
    ['a string that is not closed', `[${large},"`],
    ['a bad escape in a long string', `["${'a'.repeat(200_000)}\\x${'a'.repeat(200_000)}"]`],
    ['a half escape at the end of a long string', `["${'a'.repeat(200_000)}\\u12"]`],
    ['a line break in a long string', `["${'a'.repeat(200_000)}\n"]`],
    ['an endless number', `[${'1'.repeat(1_000_000)}]`],
    ['an endless gap', `[1${' '.repeat(1_000_000)},1]`],
    ['strings without commas', `[${'""'.repeat(500_000)}]`],
    ['a long key without a value', `{"${'a'.repeat(200_000)}"}`],
    ['a long key without a value behind its colon', `{"${'a'.repeat(200_000)}":}`],
    ['a long key, and a comma for its value', `{"${'a'.repeat(200_000)}":,"b":1}`],
    ['a long key with two values', `{"${'a'.repeat(200_000)}":1 2}`],
    ['a long key with two strings', `{"${'a'.repeat(200_000)}":"b" "c"}`],
    ['a long key with two colons', `{"${'a'.repeat(200_000)}"::1}`],
    ['a long key, and nothing behind its comma', `{"${'a'.repeat(200_000)}":1,}`],
    ['a long key with a bad escape', `{"${'a'.repeat(200_000)}\\x":1}`],
    ['a long key in a list', `["${'a'.repeat(200_000)}":1]`],
    ['a long value with a value', `{"a":"${'a'.repeat(200_000)}":1}`],
    ['a string', '"a"'],
    ['nothing', ''],
  ])('it is refused: %s', (_name, text) => {
    expect(parsed(text)).toEqual({ ok: false, reason: 'not-json' });
    expect(canonical(text)).toBe('none: not-json');
  });

  it.each([
    ['a long string', `["${'aé😀\\n\\u00e9\\ud83d\\ude00'.repeat(30_000)}"]`],
    ['a long string of pairs', `{"a":"${'\\ud83d\\ude00'.repeat(30_000)}x"}`],
    ['a lone half at the end of a long string', `["${'a'.repeat(200_000)}\\ud83d"]`],
    ['a lone half in the middle', `["${'\\ude00'.repeat(100_000)}"]`],
    ['many keys', `{${Array.from({ length: 30_000 }, (_, n) => `"${(n * 7919) % 30_011}":1`).join(',')}}`],
    ['keys that come again', `{${many('"b":1,"a":2', 20_000)},"a":${large},"a":3}`],
    [
      'long keys',
      `{"a":1 , "${'aé😀\\n\\u00e9\\ud83d\\ude00'.repeat(30_000)}" : {"b":[1]} ,"${'b'.repeat(900_000)}":1.0}`,
    ],
    ['long keys of strings', `{"${'a'.repeat(200_000)}":"x","${'b'.repeat(200_000)}":"${'c'.repeat(200_000)}","d":1}`],
    ['long keys of large ones', `{"${'a'.repeat(200_000)}":${large},"${'a'.repeat(200_000)}": true ,"c":${large}}`],
    ['a lone half in a long key', `[{"${'a'.repeat(200_000)}\\ud83d":-12345678901234567890123}]`],
    ['the deepest nest', `${'['.repeat(maxJsonDepth - 1)}${large}${']'.repeat(maxJsonDepth - 1)}`],
    ['a nest that is too deep', `${'['.repeat(maxJsonDepth)}${large}${']'.repeat(maxJsonDepth)}`],
    ['gaps within reason', `[${large}${' '.repeat(50_000)},${' '.repeat(50_000)}${large}]`],
    ['empty ones', `[[${' '.repeat(50_000)}],{${' '.repeat(50_000)}}]`],
  ])('it is read as at once: %s', (_name, text) => sameAsAtOnce(text));

  it('UTF-8 is decoded, and refused if it is none', () => {
    expect(finish(parseJsonInSteps(Buffer.from(`["é",${large}]`))).value).toEqual(parseJson(`["é",${large}]`));
    expect(finish(parseJsonInSteps(Uint8Array.from([0x5b, 0xff, 0x5d]))).value).toEqual({
      ok: false,
      reason: 'not-utf8',
    });
  });

  it('an object of very many members is refused', () => {
    const text = `{${Array.from({ length: 250_001 }, (_, n) => `"${n}":1`).join(',')}}`;
    expect(parsed(text)).toEqual({ ok: false, reason: 'too-large' });
    expect(canonical(text)).toBe('none: too-large');
  });

  it('a key of more than a million characters is refused', () => {
    const text = `{"${'a'.repeat(1_000_001)}":1}`;
    expect(parsed(text)).toEqual({ ok: false, reason: 'too-large' });
    expect(canonical(text)).toBe('none: too-large');
  });

  it('a text of more values than were asked for is refused', () => {
    const text = `[${large},{"a":${large}}]`;
    expect(parsed(text, { mostValues: 50_000 })).toMatchObject({ ok: true });
    expect(parsed(text, { mostValues: 30_000 })).toEqual({ ok: false, reason: 'too-large' });
  });

  it('numbers that are none may be refused', () => {
    const text = `[${large},[1e999],1.5]`;
    expect(parsed(text)).toMatchObject({ ok: true });
    expect(parsed(text, { numbers: 'finite' })).toEqual({ ok: false, reason: 'float' });
    expect(parsed(`[${large},[1e99,123456789012345678901]]`, { numbers: 'finite' })).toMatchObject({ ok: true });
    expect(canonical(text)).toBe('none: number-not-finite');
  });

  it('items that hold too much are left out, the others are not', () => {
    const odd = `{"${'k'.repeat(200_000)}":1}`;
    const text = `{"a":[1,${large},{"b":[${large}]},${odd},{"b":["${'x'.repeat(300_000)}"]},[2]],"c":${large},"d":[[1,"${'x'.repeat(200_000)}"]]}`;
    const result = parsed(text, { items: { values: 15_000, characters: 300_000 } });
    const value = (result as unknown as { value: { a: JsonValue; c: JsonValue; d: JsonValue } }).value;
    expect(value.a).toEqual([1, null, null, null, null, [2]]);
    expect(value.c).toHaveLength(20_000);
    expect(value.d).toEqual([[1, 'x'.repeat(200_000)]]);
  });

  it('values are converted as they come', () => {
    const convert = (value: JsonValue) => (Array.isArray(value) ? value.map((each) => (each === 1 ? 2 : each)) : value);
    const result = parsed(`[1,${large},"${'x'.repeat(200_000)}"]`, { convert });
    expect((result as { value: JsonValue }).value).toEqual([2, Array(20_000).fill(2), 'x'.repeat(200_000)]);
  });

  /** What a hostile server may send: each as long as a body may be at most, in many small steps. */
  const size = 600_000;
  it.each([
    ['lists', `[${many('[]', size / 3)}]`],
    ['ones', `[${many('1', size / 2)}]`],
    ['fractions', `[${many('1.5', size / 4)}]`],
    ['nests', `[${many(`${'['.repeat(900)}${' '.repeat(20_000)}${']'.repeat(900)}`, size / 21_800)}]`],
    ['one string', `["${'a'.repeat(size)}"]`],
    ['one string of escapes', `["${'\\n'.repeat(size / 2)}"]`],
  ])('takes steps that are small: %s', (_name, text) => {
    expect(finish(parseJsonInSteps(text)).steps).toBeGreaterThan(size / 40_000);
    expect(finish(canonicalJsonInSteps(text)).steps).toBeGreaterThan(size / 40_000);
  });
});
