// Copies the specification's schemas (../shared/spec beside the repository) into the test kit: one operation or event
// a line, so that a new version of the specification can be read as a diff.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const from = join(root, process.argv[2] ?? '../shared/spec');
const to = join(root, 'packages/testkit/src/specification/data');

for (const name of ['client-server', 'server-server', 'application-service', 'push-gateway', 'identity']) {
  const operations = JSON.parse(readFileSync(join(from, `${name}.json`), 'utf8')) as unknown[];
  writeFileSync(join(to, `${name}.json`), `[\n${operations.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
  console.log(`${name}: ${operations.length} operations`);
}

const events = JSON.parse(readFileSync(join(from, 'events.json'), 'utf8')) as Record<string, unknown>;
const lines = Object.entries(events).map(([type, schema]) => `${JSON.stringify(type)}:${JSON.stringify(schema)}`);
writeFileSync(join(to, 'events.json'), `{\n${lines.join(',\n')}\n}\n`);
console.log(`events: ${lines.length} types`);
