// `npm run docs`: makes the pages of docs/reference/. With --check nothing is written: the run fails if a page isn't
// what it would be. The coverage page is made from what the last run of `npm test` called.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Specification } from '@myelin/testkit/specification';
import { coveragePage, readCalls } from './coverage-page.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const callsFolder = process.env['MYELIN_TEST_CALLS'] ?? join(root, 'coverage', 'calls');
const coverageFile = join(root, 'docs/reference/coverage.md');
let stale = 0;

if (existsSync(callsFolder)) {
  const data = join(root, 'packages/testkit/src/specification/data');
  page(
    'docs/reference/coverage.md',
    coveragePage({
      operations: new Specification().operations,
      synapseRoutes: readFileSync(join(data, 'synapse-routes.tsv'), 'utf8'),
      unstableRoutes: readFileSync(join(data, 'unstable-routes.tsv'), 'utf8'),
      calls: readCalls(callsFolder),
      page: existsSync(coverageFile) ? readFileSync(coverageFile, 'utf8') : '',
    }),
  );
} else {
  console.error('docs/reference/coverage.md is made from what the tests call: run `npm test` first');
  stale += 1;
}

const configurationPages = join(root, 'scripts/generate-config-docs.ts');
if (existsSync(configurationPages)) {
  const child = spawnSync(process.execPath, [configurationPages, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (child.status !== 0) stale += 1;
}

process.exitCode = stale > 0 ? 1 : 0;

function page(path: string, text: string): void {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) {
    console.log(`${path} is up to date`);
  } else if (check) {
    console.error(`${path} is out of date: run \`npm run docs\``);
    stale += 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`${path} written`);
  }
}
