import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'reference', 'hostile-inputs.md'), 'utf8');
const pathOf = (file: string): string =>
  join(root, /^(packages|scripts)\//.test(file) ? file : join('packages', 'homeserver', 'src', file));

describe('docs/reference/hostile-inputs.md', () => {
  const named = [...page.matchAll(/`([\w./-]+\.ts)`(?: “([^”]+)”)?/g)].map(([, file, name]) => [file, name] as const);

  it('names tests', () => expect(named.length).toBeGreaterThan(50));

  it.each(named)('%s: %s is there', (file, name) => {
    const path = pathOf(file as string);
    expect(existsSync(path)).toBe(true);
    const text = readFileSync(path, 'utf8');
    const quoted = (name ?? '').replaceAll("'", String.raw`\'`);
    expect(text.includes(name ?? '') || text.includes(quoted), name).toBe(true);
  });
});
