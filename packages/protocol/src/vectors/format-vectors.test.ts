import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { categories } from './categories/index.ts';
import { judge } from './judge.ts';
import { readVectors } from './read-vectors.ts';
import { readVerdicts, vectorsFolder } from './read-verdicts.ts';

describe.each([
  ['canonical-json', 3138],
  ['event-format', 7700],
  ['hash-and-sign', 2300],
  ['identifiers', 1650],
  ['redaction', 1900],
])('vectors of %s', (name, agreeing) => {
  const category = categories.find((one) => one.name === name)!;
  const verdicts = readVerdicts(name);
  const result = judge(category, verdicts, readVectors(join(vectorsFolder, `${name}.jsonl.gz`)));

  it('agree with Synapse, or a verdict says why not', () => {
    expect(result.disagree).toEqual([]);
    expect(result.agree).toBeGreaterThanOrEqual(agreeing);
  });

  it('need every verdict', () => {
    expect(verdicts.filter((verdict) => !result.used.has(verdict))).toEqual([]);
  });
});
