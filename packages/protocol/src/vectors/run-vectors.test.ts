import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVectors } from './run-vectors.ts';

const right = { id: 'identifiers/1', room_version: '*', input: { kind: 'mxc', text: 'x' }, expect: { valid: false } };
const wrong = { ...right, id: 'identifiers/\u00072', input: { kind: 'mxc', text: '[' }, expect: { valid: true } };
const onPurpose = { ...wrong, id: 'identifiers/3', input: { kind: 'server_name', text: '256.1.1.1' } };

describe('npm run vectors', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    const lines = (...vectors: object[]) => vectors.map((vector) => `${JSON.stringify(vector)}\n`).join('');
    writeFileSync(join(folder, 'good.jsonl'), lines(right, onPurpose));
    writeFileSync(join(folder, 'bad.jsonl.gz'), gzipSync(lines(right, wrong)));
    writeFileSync(join(folder, 'odd.jsonl'), lines({ ...right, id: 'odd/1' }));
    writeFileSync(join(folder, 'identifiers-more.jsonl'), lines({ ...right, id: '1' }));
    writeFileSync(join(folder, 'README.md'), 'text');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(...files: string[]) {
    let out = '';
    let warnings = '';
    const code = runVectors(
      files.map((file) => join(folder, file)),
      { verbose: false, write: (text) => (out += text), warn: (text) => (warnings += text) },
    );
    return { code, out, warnings };
  }

  it('ends with a line for each file, the ids that disagree above', () => {
    expect(run('bad.jsonl.gz', 'good.jsonl')).toEqual({
      code: 1,
      out:
        'identifiers/\\u00072\n' +
        'bad.jsonl.gz: 1 agree, 1 disagree, 0 differ from Synapse on purpose\n' +
        'good.jsonl: 1 agree, 0 disagree, 1 differ from Synapse on purpose\n',
      warnings: '',
    });
  });

  it('succeeds if none disagrees, and passes other files over', () => {
    const { code, warnings } = run('good.jsonl', 'README.md');
    expect(code).toBe(0);
    expect(warnings).toContain('README.md');
  });

  it('takes the category from the name of the file where the ids have none', () => {
    expect(run('identifiers-more.jsonl').code).toBe(0);
  });

  it('fails on vectors of no category', () => {
    expect(run('odd.jsonl')).toMatchObject({ code: 1 });
  });
});
