// docs/reference/coverage.md: every endpoint of the specification, of Synapse and of the unstable features, served or
// not, and the test that calls it. An endpoint counts as served only with a test that called it with success.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation, RecordedCall } from '@myelin/testkit';

interface Row {
  name: string;
  /** `GET /path/{parameter}` for readers. */
  route: string;
  test: string | undefined;
}

interface Section {
  title: string;
  intro: string;
  rows: readonly Row[];
}

export interface CoverageInput {
  operations: readonly Operation[];
  /** Tab-separated tables of further routes, as the test kit keeps them. */
  synapseRoutes: string;
  unstableRoutes: string;
  calls: readonly RecordedCall[];
  /** The page as it stands: a test that it names stays named while it calls the endpoint. */
  page?: string;
}

/** All calls that a run of the tests noted in a folder. */
export function readCalls(folder: string): RecordedCall[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedCall);
}

/** The text of the page; depends on the set of calls, not on their order. */
export function coveragePage({ operations, synapseRoutes, unstableRoutes, calls, page = '' }: CoverageInput): string {
  const named = testsNamedIn(page);
  const sections = [
    specified('Client-Server API', 'client-server', 'What clients call.'),
    specified('Server-Server API', 'server-server', 'What other homeservers call.'),
    specified('Application Service API', 'application-service', 'What Myelin calls at application services.'),
    specified('Push Gateway API', 'push-gateway', 'What Myelin calls at push gateways.'),
    specified('Identity Service API', 'identity', 'What Myelin calls at identity servers.'),
    {
      title: "Synapse's own",
      intro: 'Routes that Synapse has beyond the specification.',
      rows: tableRows(synapseRoutes, ({ purpose = '', method = '', path = '' }) => [purpose, method, path]),
    },
    {
      title: 'Unstable',
      intro: 'Routes of proposals that Synapse serves.',
      rows: tableRows(unstableRoutes, ({ purpose = '', msc = '', method_or_place = '', path_or_name = '' }) => [
        `${purpose} (${msc})`,
        method_or_place,
        path_or_name,
      ]),
    },
  ];
  return [
    '# Coverage',
    '',
    '<!-- Made by `npm run docs` from what `npm test` called; not to be edited. -->',
    '',
    'Which endpoints Myelin serves. One counts as served only if a test called it and it did what it is for; every',
    "answer in every test is checked against the specification's schema.",
    '',
    '| | endpoints | served |',
    '|---|---:|---:|',
    ...sections.map(({ title, rows }) => `| ${title} | ${rows.length} | ${rows.filter((row) => row.test).length} |`),
    '',
    ...sections.flatMap(sectionLines),
  ].join('\n');

  function specified(title: string, api: Operation['api'], intro: string): Section {
    const rows = operations
      .filter((operation) => operation.api === api)
      .map(({ id, method, path, deprecated }) => ({
        name: deprecated ? `${id} (deprecated)` : id,
        route: `${method} ${path}`,
        test: bestTest(
          calls.filter((call) => call.operation === `${api} ${id}`),
          id,
          named.get(`${method} ${path}`),
        ),
      }));
    return { title, intro, rows };
  }

  function tableRows(table: string, pick: (row: Record<string, string>) => readonly [string, string, string]): Row[] {
    return readTable(table).map((row) => {
      const [name, method, path] = pick(row);
      const pattern = routePattern(method, path);
      return {
        name,
        route: `${method} ${path}`,
        test: bestTest(
          calls.filter((call) => pattern.test(call.route)),
          path,
          named.get(`${method} ${path}`),
        ),
      };
    });
  }
}

function sectionLines({ title, intro, rows }: Section): string[] {
  return [
    `## ${title}`,
    '',
    intro,
    '',
    '| endpoint | request | served | test |',
    '|---|---|---|---|',
    ...rows.map(({ name, route, test }) => {
      const cells = [name, `\`${route}\``, test ? 'yes' : 'no', test ? `\`${test}\`` : ''];
      return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
    }),
    '',
  ];
}

/** By route, the test that a page names. */
function testsNamedIn(page: string): Map<string, string> {
  const rows = page.matchAll(/^\| .* \| `(.*)` \| yes \| `(.*)` \|$/gm);
  return new Map(Array.from(rows, ([, route = '', test = '']) => [route.replaceAll(String.raw`\|`, '|'), test]));
}

/**
 * The file to name, so that the page changes as little as possible when tests are added: the one that is named already
 * if it still calls the endpoint, else one whose name is the operation's, else one that calls it by its own hand and not in passing, else any; the first by name among equals.
 */
function bestTest(calls: readonly RecordedCall[], name: string, named: string | undefined): string | undefined {
  if (named !== undefined && calls.some((call) => call.file === named)) return named;
  const kebab = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
  const score = (call: RecordedCall): number => (call.file.includes(`/${kebab}.`) ? 0 : call.helper ? 2 : 1);
  const sorted = [...calls].sort((a, b) => score(a) - score(b) || (a.file < b.file ? -1 : 1));
  return sorted[0]?.file;
}

function readTable(text: string): Record<string, string>[] {
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const names = header.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((value, index) => [names[index] ?? '', value])));
}

/** `GET|POST` and `/a/{x}(/{y})?`, `/a/{v1,v2}`, `/a/*` as the tables write them, against `METHOD /path` of a call. */
function routePattern(methods: string, path: string): RegExp {
  const pattern = path
    .replaceAll(/[.+^$[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{([^{}]*,[^{}]*)\}/g, (_match, choices: string) => `(?:${choices.replaceAll(',', '|')})`)
    .replaceAll(/\{[^{}]*\}/g, '[^/]+')
    .replaceAll('*', '.*');
  const method = methods === '*' ? '[A-Z]+' : `(?:${methods})`;
  return new RegExp(`^${method} ${pattern}$`);
}
