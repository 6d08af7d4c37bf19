// Copies the specification's schemas (../shared/spec beside the repository) into the test kit: one operation or event
// a line, so that a new version of the specification can be read as a diff. Beside them, the names of the routes that
// only Synapse has and of the unstable ones (../shared/facts), for the coverage page.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const shared = join(root, process.argv[2] ?? '../shared');
const from = join(shared, 'spec');
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

copyTable('endpoints-synapse.tsv', 'synapse-routes.tsv', ['category', 'method', 'path', 'purpose']);
copyTable(
  'endpoints-unstable.tsv',
  'unstable-routes.tsv',
  ['kind', 'method_or_place', 'path_or_name', 'msc', 'purpose'],
  (row) => row['kind'] === 'endpoint',
);

/** Copies some columns of a table. */
function copyTable(
  file: string,
  target: string,
  columns: readonly string[],
  wanted = (_row: Record<string, string>): boolean => true,
): void {
  const [header = '', ...rows] = readFileSync(join(shared, 'facts', file), 'utf8')
    .trimEnd()
    .split('\n');
  const names = header.split('\t');
  const kept = rows
    .map(
      (row) =>
        Object.fromEntries(row.split('\t').map((value, index) => [names[index], value])) as Record<string, string>,
    )
    .filter(wanted)
    .map((row) => columns.map((column) => row[column] ?? '').join('\t'));
  writeFileSync(join(to, target), `${columns.join('\t')}\n${kept.join('\n')}\n`);
  console.log(`${target}: ${kept.length} routes`);
}
