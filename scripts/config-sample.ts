import {
  isServed,
  optionSections,
  optionTree,
  type OptionNode,
  type OptionSection,
  type OptionValue,
} from '@myelin/homeserver/config';

/**
 * docs/sample-homeserver.yaml: what a server needs, and every other option behind a `#` without a space, with its default.
 * Sentences stand behind a `#` with a space.
 */
export function configSample(): string {
  return [head, ...optionSections.map(sectionText)].join('\n');
}

const head = `# Made by \`npm run docs\` from packages/homeserver/src/config; change it there.
#
# Every option of homeserver.yaml with its default. Lines that begin with # and no space are options that are
# turned off: remove the # to set one. (not served yet) marks those that have no effect so far.
# A configuration for a new server is made by: myelin --generate-config

# What a server needs

server_name: example.org
report_stats: false
listeners:
  - port: 8008
    type: http
    bind_addresses: ['::1', '127.0.0.1']
    x_forwarded: true
    resources:
      - names: [client, federation]
database:
  name: sqlite3
  args:
    database: homeserver.db
`;

const written = new Set(['server_name', 'report_stats']);

function sectionText({ title, intro, options }: OptionSection): string {
  const tree = optionTree(options);
  const lines = [`\n# ${'-'.repeat(78)}\n# ${title}${intro === '' ? '' : `: ${intro}`}\n`];
  for (const [name, node] of tree.members) {
    if (written.has(name)) continue;
    lines.push(...nodeLines(name, node, 0).map((line, at) => (at === 0 ? line : `#${line}`)), '');
  }
  return lines.join('\n');
}

/** The first line is the option's sentence, behind its own #; the others are YAML. */
function nodeLines(name: string, node: OptionNode, depth: number, marked = false): string[] {
  const indent = '  '.repeat(depth);
  const { option } = node;
  const marks = !marked && option !== undefined && !isServed(option.name) && noneServedBelow(node);
  const mark = marks ? ' (not served yet)' : '';
  const below = marked || marks;
  const lines = option === undefined ? [] : [`${indent}# ${option.doc}${mark}`];
  if (depth === 0 && option === undefined) lines.push('#');
  if (node.items !== undefined) {
    lines.push(`${indent}${name}:`, `${indent}  -`, ...children(node.items, depth + 2, below));
  } else if (node.members.size > 0) {
    lines.push(`${indent}${name}:`, ...children(node, depth + 1, below));
  } else if (node.anyKey !== undefined) {
    lines.push(`${indent}${name}:`, `${indent}  NAME:`, ...children(node.anyKey, depth + 2, below));
  } else {
    lines.push(`${indent}${name}: ${yaml(option?.fallback)}`.trimEnd());
  }
  return lines;
}

/** True if nothing below is served. */
function noneServedBelow(node: OptionNode): boolean {
  const below = [...node.members.values(), node.items, node.anyKey].filter((child) => child !== undefined);
  return below.every((child) => !(child.option && isServed(child.option.name)) && noneServedBelow(child));
}

function children(node: OptionNode, depth: number, marked: boolean): string[] {
  return [...node.members].flatMap(([name, child]) => nodeLines(name, child, depth, marked));
}

/** A value on one line, as YAML reads it; nothing if there is no default. */
function yaml(value: OptionValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string')
    return /^[a-z][a-z0-9_./-]*$/i.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)
      ? value
      : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${yaml(item as OptionValue)}`)
      .join(', ')}}`;
  return String(value);
}
