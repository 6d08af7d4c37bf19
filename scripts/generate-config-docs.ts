// Makes docs/reference/configuration.md and docs/sample-homeserver.yaml from the option table of the server, and
// docs/reference/command-line.md from the commands. With --check nothing is written: the run fails if a page isn't what it would be. `npm run docs` runs it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandLinePage } from './command-line-page.ts';
import { configReferencePage } from './config-reference-page.ts';
import { configSample } from './config-sample.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
let stale = 0;

for (const [path, text] of [
  ['docs/reference/configuration.md', configReferencePage()],
  ['docs/sample-homeserver.yaml', configSample()],
  ['docs/reference/command-line.md', commandLinePage()],
] as const) {
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

process.exitCode = stale > 0 ? 1 : 0;
