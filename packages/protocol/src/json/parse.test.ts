import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryJson } from '../testing/arbitrary-json.ts';
import { maxJsonDepth } from './canonical.ts';
import { ExactParser } from './exact-parser.ts';
import { parseJson } from './parse.ts';
import { getOwn, JsonNumber, type JsonObject } from './value.ts';

function valueOf(text: string): unknown {
  const result = parseJson(text);
  return result.ok ? result.value : result.reason;
}

describe('parsing JSON', () => {
  it('keeps numbers that JSON.parse would spoil', () => {
    expect(valueOf('[1,1.0,1e2,1.5,9007199254740993,-0,-0.0]')).toEqual([
      1,
      new JsonNumber('1.0', false),
      new JsonNumber('100.0', false),
      1.5,
      new JsonNumber('9007199254740993', true),
      0,
      new JsonNumber('-0.0', false),
    ]);
  });

  it('lets JSON.stringify print them without loss', () => {
    expect(JSON.stringify(valueOf('{"a":[1.0,123456789012345678901]}'))).toBe('{"a":[1.0,123456789012345678901]}');
  });

  it.each([
    ['[1.0]', 'float'],
    ['[1e5]', 'float'],
    ['[1.5]', 'float'],
    ['{"a":[9007199254740992]}', 'integer-out-of-range'],
    ['[-9007199254740992]', 'integer-out-of-range'],
    ['[1e999]', 'float'],
  ])('refuses %s where numbers are strict', (text, reason) => {
    expect(parseJson(text, { numbers: 'strict' })).toEqual({ ok: false, reason });
  });

  it.each(['{"@a:127.0.0.1":"@b:10.5", "n": 1.0}', '{"a:1.5":[{"b" \t:\n-0.0}]}', '["a:1.5",12345678901234567890]'])(
    'keeps the numbers of %s, where names look like numbers',
    (text) => {
      expect(valueOf(text)).toEqual(new ExactParser(text, maxJsonDepth).parse());
      expect(JSON.stringify(valueOf(text))).toMatch(/[:,]-?(1\.0|0\.0|12345678901234567890)\b/);
    },
  );

  it('counts the last of duplicate keys only', () => {
    expect(parseJson('{"a":1.5,"a":{"b":1,"b":2}}', { numbers: 'strict' })).toEqual({
      ok: true,
      value: { a: { b: 2 } },
    });
  });

  it.each(['{"__proto__":{"x":1}}', '{"__proto__":{"x":1},"n":1.0}'])('takes __proto__ in %s for a key', (text) => {
    const object = valueOf(text) as JsonObject;
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(getOwn(object, '__proto__')).toEqual({ x: 1 });
  });

  // JSON.parse of V8 13.6 takes the second for the first.
  it.each([
    [String.raw`{"k":1,"\\":2}`, String.raw`{"k":1,"\n":2}`, '\n'],
    [String.raw`{"k":1,"\\u":2}`, String.raw`{"k":1,"\u0041B":2}`, 'AB'],
    [String.raw`{"k":1,"v":"\"","\\":2}`, String.raw`{"k":1,"v":"\"","\"":2}`, '"'],
  ])('reads the escaped key behind one that looks like it', (first, second, key) => {
    valueOf(first);
    expect(Object.keys(valueOf(second) as JsonObject).at(-1)).toBe(key);
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    '01',
    '1.',
    '.5',
    '+1',
    'NaN',
    'Infinity',
    "'a'",
    '"\n"',
    String.raw`"\x"`,
    String.raw`"\u12"`,
    '[1] 2',
    '\ufeff[]',
    '[1.0,]',
    '[1.0}',
    '{"a":1.0',
    '{"a" 1.0}',
    'tru',
  ])('refuses %j', (text) => {
    expect(parseJson(text)).toEqual({ ok: false, reason: 'not-json' });
  });

  it.each([[[0xff]], [[0x22, 0xc3, 0x22]], [[0x22, 0xed, 0xa0, 0x80, 0x22]], [[0x22, 0xc0, 0x80, 0x22]]])(
    'refuses bytes %j, which are not UTF-8',
    (bytes) => {
      expect(parseJson(Uint8Array.from(bytes))).toEqual({ ok: false, reason: 'not-utf8' });
    },
  );

  it('refuses a byte order mark', () => {
    expect(parseJson(Buffer.from('\ufeff{}'))).toEqual({ ok: false, reason: 'not-json' });
  });

  it.each(['[', '{"a":'])('bounds nesting by %s', (open) => {
    const close = open === '[' ? ']' : '}';
    const text = (levels: number) => open.repeat(levels) + (open === '[' ? '' : '0') + close.repeat(levels);
    expect(parseJson(text(maxJsonDepth)).ok).toBe(true);
    expect(parseJson(text(maxJsonDepth + 1))).toEqual({ ok: false, reason: 'too-deep' });
    expect(parseJson(text(1_000_000)).ok).toBe(false);
    expect(parseJson(text(7), { maxDepth: 6 })).toEqual({ ok: false, reason: 'too-deep' });
  });

  it('takes many values that are not nested', () => {
    const text = `[${'[],{},"[",'.repeat(5_000)}0]`;
    expect(valueOf(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['backslashes', `"${String.raw`\\`.repeat(50_000)}"`],
    ['escaped quotation marks', `"${String.raw`\"`.repeat(50_000)}"`],
    ['spaces', `[${' '.repeat(200_000)}1]`],
    ['digits', `[${'1'.repeat(4_000)},"x"]`],
  ])('reads 100,000 characters of %s in linear time', (_name, text) => {
    const started = performance.now();
    expect(parseJson(text).ok).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('refuses integers too long to compute with', () => {
    expect(parseJson(`[${'9'.repeat(4_300)}]`).ok).toBe(true);
    expect(parseJson(`[-${'9'.repeat(4_301)}]`)).toEqual({ ok: false, reason: 'not-json' });
  });

  it('comes to the same on the quick way and the exact one', () => {
    fc.assert(
      fc.property(arbitraryJson, fc.constantFrom('', ' ', '\t\r\n'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJson(text)).toEqual({ ok: true, value });
        expect(new ExactParser(text, maxJsonDepth).parse()).toEqual(value);
      }),
    );
  });

  it('takes and refuses what JSON.parse does', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\0123456789-+.eE tfn\nau'.split(''),
      'true',
      'false',
      'null',
      '"a"',
      '[1',
      '{"a":',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(parseJson(text).ok).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
