import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import type { Category, Vector } from './category.ts';
import { judge } from './judge.ts';
import type { Verdict } from './verdict.ts';

function vector(id: string, input: JsonObject, expected: JsonObject): Vector {
  return { id, room_version: '11', input, expect: expected };
}

/** Answers with what stands in `input.ours`. */
const category: Category = {
  name: 'test',
  answer({ input }) {
    if (input['ours'] === undefined) throw new Error('no answer');
    return input['ours'] as JsonObject;
  },
};

const verdict: Verdict = {
  reason: 'for a test',
  where: { 'input.kind': ['a', 'b*d'], 'input.missing': false, room_version: true },
  instead: { set: { 'deep.valid': false }, remove: ['parts'], ignore: ['note'] },
};

describe('judging vectors', () => {
  const theirs = { deep: { valid: true, other: [1] }, parts: 1, note: 1, reason: 'x' };
  const ours = { deep: { other: [1], valid: false }, note: 2 };

  it('agrees where all members of our answer are the same', () => {
    const same = { deep: { other: [1], valid: true }, parts: 1 };
    expect(judge(category, [], [vector('1', { ours: same }, theirs)])).toMatchObject({ agree: 1, disagree: [] });
  });

  it('counts what a verdict covers and nothing else', () => {
    const result = judge(
      category,
      [verdict],
      [
        vector('covered', { kind: 'a', ours }, theirs),
        vector('covered-by-pattern', { kind: 'bcd', ours }, theirs),
        vector('other-kind', { kind: 'c', ours }, theirs),
        vector('has-what-must-miss', { kind: 'a', missing: 0, ours }, theirs),
        vector('other-answer', { kind: 'a', ours: { ...ours, deep: { other: [2], valid: false } } }, theirs),
        vector('not-removed', { kind: 'a', ours: { ...ours, parts: 1 } }, theirs),
        vector('throws', { kind: 'a' }, theirs),
      ],
    );
    expect(result.onPurpose).toBe(2);
    expect(result.used.get(verdict)).toBe(2);
    expect(result.disagree.map(({ id }) => id)).toEqual([
      'other-kind',
      'has-what-must-miss',
      'other-answer',
      'not-removed',
      'throws',
    ]);
  });
});
