import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { categories } from './categories/index.ts';
import { judge } from './judge.ts';
import { readVectors } from './read-vectors.ts';
import { readVerdicts, vectorsFolder } from './read-verdicts.ts';

describe.each([
  ['push-rules', 3800],
  ['filters', 3700],
  ['server-acl', 2300],
  ['history-visibility', 2800],
])('vectors of %s', (name, agreeing) => {
  it('agree with Synapse, or a verdict says why not', () => {
    const category = categories.find((one) => one.name === name);
    if (!category) throw new Error(`no category ${name}`);
    const result = judge(category, readVerdicts(name), readVectors(join(vectorsFolder, `${name}.jsonl.gz`)));
    expect(result.disagree).toEqual([]);
    expect(result.agree).toBeGreaterThan(agreeing);
  });
});
