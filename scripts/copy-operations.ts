// Copies the list of the specification's operations (../shared/spec beside the repository) into the api package: the
// names, methods and current paths that its endpoint values are tested against. The schemas themselves are in the test kit.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const from = join(root, process.argv[2] ?? '../shared/spec');
const to = join(root, 'packages/api/data');

mkdirSync(to, { recursive: true });
for (const name of ['client-server', 'server-server']) {
  const operations = JSON.parse(readFileSync(join(from, `${name}.json`), 'utf8')) as Record<
    'id' | 'method' | 'path',
    string
  >[];
  const lines = operations.map(({ id, method, path }) => JSON.stringify({ id, method, path: path.trim() }));
  writeFileSync(join(to, `${name}-operations.json`), `[\n${lines.join(',\n')}\n]\n`);
  console.log(`${name}: ${operations.length} operations`);
}
