import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { SourceStacks } from './source-stacks.ts';

const folder = mkdtempSync(join(tmpdir(), 'myelin-stacks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const built = pathToFileURL(join(folder, 'dist/server.js')).href;
const stacks = new SourceStacks();

test('a place in a build becomes the place in its source', () => {
  // Line 2, column 5 comes from line 8, column 3.
  const map = { version: 3, sources: ['../src/names.ts'], names: [], mappings: ';IAOE' };
  writeFileSync(join(folder, 'server.js.map'), JSON.stringify(map));
  const url = pathToFileURL(join(folder, 'server.js')).href;
  expect(stacks.inSources(`Error: no\n    at open (${url}:2:5)\n    at ${url}:2:5`)).toBe(
    `Error: no\n    at open (${join(folder, '../src/names.ts')}:8:3)\n    at ${join(folder, '../src/names.ts')}:8:3`,
  );
});

test('what has no map stays', () => {
  const stack = `Error: no\n    at open (${built}:2:5)\n    at node:internal/x:1:1\n    at /src/names.ts:8:3`;
  expect(stacks.inSources(stack)).toBe(stack);
});
