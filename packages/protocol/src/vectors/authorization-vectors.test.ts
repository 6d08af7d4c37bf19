import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { categories } from './categories/index.ts';
import { judge } from './judge.ts';
import { readVectors } from './read-vectors.ts';
import { readVerdicts, vectorsFolder } from './read-verdicts.ts';

describe.each([
  ['auth-types', 'auth-types', 1700],
  ['event-auth', 'event-auth', 11_800],
  ['state-resolution', 'state-resolution', 2850],
  ['state-resolution', 'state-resolution-large', 90],
])('vectors of %s in %s', (name, file, agreeing) => {
  const category = categories.find((one) => one.name === name)!;
  const verdicts = readVerdicts(name);
  const result = judge(category, verdicts, readVectors(join(vectorsFolder, `${file}.jsonl.gz`)));

  it('agree with Synapse, or a verdict says why not', () => {
    expect(result.disagree).toEqual([]);
    expect(result.agree).toBeGreaterThanOrEqual(agreeing);
  });

  it('need every verdict', () => {
    expect(verdicts.filter((verdict) => !result.used.has(verdict))).toEqual([]);
  });
});
