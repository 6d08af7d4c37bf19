import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryJson } from '../testing/arbitrary-json.ts';
import { ListCutter } from './list-cutter.ts';

/** The items of `a` and `b`, or undefined if the text isn't taken. */
function cut(text: string, pieceLength = text.length + 1): { a: string[]; b: string[] } | undefined {
  const found = { a: [] as string[], b: [] as string[] };
  const cutter = new ListCutter(['a', 'b'], (list, item) => {
    found[list as 'a' | 'b'].push(Buffer.from(item).toString());
  });
  const bytes = Buffer.from(text);
  // One buffer for all pieces: what was handed in is written over.
  const buffer = Buffer.alloc(pieceLength);
  for (let at = 0; at < bytes.length; at += pieceLength) {
    const length = bytes.copy(buffer, 0, at, at + pieceLength);
    if (!cutter.push(buffer.subarray(0, length))) return undefined;
  }
  return cutter.isWhole ? found : undefined;
}

describe('cutting lists out of an object', () => {
  it.each([1, 2, 3, 7, 1000])('finds the items, whatever they are, in pieces of %i bytes', (pieceLength) => {
    const text = String.raw` { "x" : {"a":["}",[1]]}, "a" : [ {"k":"\"]}"} ,[1,{"ä":"\\"}],"s]", 1.50 ,null,{}] ,"y":-1,"b":[],"z":"\""} `;
    expect(cut(text, pieceLength)).toEqual({
      a: [String.raw`{"k":"\"]}"}`, String.raw`[1,{"ä":"\\"}]`, '"s]"', '1.50', 'null', '{}'],
      b: [],
    });
  });

  it('finds what any JSON holds', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryJson),
        fc.array(arbitraryJson),
        arbitraryJson,
        fc.integer({ min: 1, max: 40 }),
        (a, b, rest, pieceLength) => {
          const found = cut(JSON.stringify({ rest, a, more: rest, b }), pieceLength);
          expect(found).toEqual({ a: a.map((each) => JSON.stringify(each)), b: b.map((each) => JSON.stringify(each)) });
        },
      ),
    );
  });

  it('reads keys that are written with escapes', () => {
    expect(cut(String.raw`{"\u0061":[1],"b":[2]}`)).toEqual({ a: ['1'], b: ['2'] });
  });

  it('passes over long keys', () => {
    expect(cut(`{"${'k'.repeat(100_000)}":1,"a":[],"b":[]}`, 1000)).toEqual({ a: [], b: [] });
  });

  it.each([
    '',
    '[]',
    '{"a":[1]}',
    '{"a":[1],"b":{}}',
    '{"a":[1],"b":null}',
    '{"a":[1],"b":[2]',
    '{"a":[1],"b":[2',
    '{"a":[1],"b":[2]}}',
    '{"a":[1],"b":[2]} x',
    '{"a":[1],"b":[2],}',
    '{"a":[1,],"b":[2]}',
    '{"a":[,1],"b":[2]}',
    '{"a":[1 2],"b":[2]}',
    '{"a":[1:2],"b":[2]}',
    '{"a":[1],"a":[1],"b":[2]}x',
    '{"a":[1] "b":[2]}',
    '{"a" [1],"b":[2]}',
    '{a:[1],"b":[2]}',
    '{"x":,"a":[1],"b":[2]}',
    String.raw`{"\x":1,"a":[1],"b":[2]}`,
  ])('refuses %s', (text) => {
    expect(cut(text)).toBeUndefined();
    expect(cut(text, 1)).toBeUndefined();
  });

  it('passes over a second list of a name', () => {
    expect(cut('{"a":[1],"a":[2],"b":[]}')).toEqual({ a: ['1'], b: [] });
  });

  it('leaves what is wrong inside of an item to who parses it', () => {
    expect(cut('{"a":[{"k":],nope,"\\x"],"b":[]}')).toEqual({ a: ['{"k":]', 'nope', '"\\x"'], b: [] });
  });
});
