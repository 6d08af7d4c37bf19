import { expect, it } from 'vitest';
import { wordsOf } from './words.ts';

it('are lower case, without punctuation, each once', () => {
  expect(wordsOf('@Alice_smith-2:one.Example alice')).toEqual(['alice', 'smith', '2', 'one', 'example']);
});

it('of ASCII are those that the segmenter finds', () => {
  const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
  for (const part of ['abc', 'a1b2', '123', '4ever', 'x', '0x1f'])
    expect([...segmenter.segment(part)].map(({ segment, isWordLike }) => [segment, isWordLike])).toEqual([
      [part, true],
    ]);
});

it('of other scripts are normalized and found', () => {
  expect(wordsOf('東京 É, ﬁn')).toEqual(['東京', 'é', 'fin']);
});

it('are so many, and so long, at most', () => {
  expect(wordsOf('a b c d', 3)).toEqual(['a', 'b', 'c']);
  expect(wordsOf('x'.repeat(100))).toEqual(['x'.repeat(64)]);
});
