import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryJson, reordered } from '../testing/arbitrary-json.ts';
import { canonicalJson, compareCodePoints, maxJsonDepth } from './canonical.ts';
import { parseJson } from './parse.ts';
import { JsonNumber, type JsonValue } from './value.ts';

function read(text: string): JsonValue {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

/** Arrays in arrays, the innermost empty. */
function nested(levels: number): JsonValue {
  let value: JsonValue = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}

describe('canonical JSON', () => {
  // Appendices, "Canonical JSON", Examples.
  it.each([
    ['{}', '{}'],
    ['{ "one": 1, "two": "Two" }', '{"one":1,"two":"Two"}'],
    ['{ "b": "2", "a": "1" }', '{"a":"1","b":"2"}'],
    ['{"b":"2","a":"1"}', '{"a":"1","b":"2"}'],
    [
      '{"auth":{"success":true,"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[' +
        '{"medium":"email","address":"john.doe@example.org"},{"medium":"msisdn","address":"123456789"}]}}}',
      '{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[' +
        '{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}',
    ],
    ['{"a":"日本語"}', '{"a":"日本語"}'],
    ['{"本":2,"日":1}', '{"日":1,"本":2}'],
    [String.raw`{"a":"\u65E5"}`, '{"a":"日"}'],
    ['{"a":null}', '{"a":null}'],
  ])('of %s is %s', (text, canonical) => {
    expect(canonicalJson(read(text))).toBe(canonical);
  });

  it('prints a number by its value, as the last example of the specification does', () => {
    expect(canonicalJson(JSON.parse('{"a":-0,"b":1e10}') as JsonValue)).toBe('{"a":0,"b":10000000000}');
  });

  it('orders keys by code point, integers like others', () => {
    const keys = ['\u{1f600}', '\uffff', '\ue000', '\ud7ff', '10', '9', 'é', 'z', 'A', ''];
    const object = Object.fromEntries(keys.map((key) => [key, 0]));
    const sorted = ['', '10', '9', 'A', 'z', 'é', '\ud7ff', '\ue000', '\uffff', '\u{1f600}'];
    expect(canonicalJson(object)).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  it('escapes what must be escaped, and nothing else', () => {
    expect(canonicalJson('\0\b\t\n\v\f\r\x1f"\\/\x7f\u2028é')).toBe(
      String.raw`"\u0000\b\t\n\u000b\f\r\u001f\"\\/` + '\x7f\u2028é"',
    );
  });

  it.each([
    [1.5, 'float'],
    [2 ** 53, 'integer-out-of-range'],
    [-(2 ** 53), 'integer-out-of-range'],
    [Infinity, 'number-not-finite'],
    [new JsonNumber('1.0', false), 'float'],
    [new JsonNumber('9007199254740993', true), 'integer-out-of-range'],
    ['\ud800', 'lone-surrogate'],
    [{ '\udc00': 1 }, 'lone-surrogate'],
    [nested(maxJsonDepth + 1), 'too-deep'],
    [{ a: undefined as unknown as JsonValue }, 'not-json'],
  ])('refuses %o', (value, reason) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ reason }));
  });

  it('takes nesting up to its limit', () => {
    expect(canonicalJson(nested(maxJsonDepth))).toBe('['.repeat(maxJsonDepth) + ']'.repeat(maxJsonDepth));
  });

  it.each(['1.0', '-0.0', '1e+16', '1e-05', '0.0001', '123456789012345678901234567890', '9007199254740993', '1.5'])(
    'prints %s as it stood in versions 1 to 5',
    (text) => {
      expect(canonicalJson(read(`[${text}]`), 'lenient')).toBe(`[${text}]`);
    },
  );

  it('is the same for any order of keys', () => {
    fc.assert(
      fc.property(arbitraryJson, fc.nat(), (value, seed) => {
        const shuffled = reordered(value, (keys) => rotate(keys.toReversed(), seed));
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
      }),
    );
  });

  it('reads back as the same value, printed the same', () => {
    fc.assert(
      fc.property(arbitraryJson, (value) => {
        const text = canonicalJson(value);
        expect(read(text)).toEqual(value);
        expect(canonicalJson(read(text))).toBe(text);
      }),
    );
  });

  it('prints doubles so that they read back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = canonicalJson(read(`[${Object.is(value, -0) ? '-0.0' : JSON.stringify(value)}]`), 'lenient');
        expect((JSON.parse(text) as number[])[0]).toBe(value);
      }),
    );
  });
});

describe('the order of code points', () => {
  it('is that of UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

function rotate(keys: string[], by: number): string[] {
  const at = keys.length === 0 ? 0 : by % keys.length;
  return [...keys.slice(at), ...keys.slice(0, at)];
}
