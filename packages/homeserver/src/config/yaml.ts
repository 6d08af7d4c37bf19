import { isScalar, LineCounter, parseDocument, visit, type Document, type ScalarTag } from 'yaml';

/**
 * Reads YAML as PyYAML's safe loader does, which is what Synapse's users write for: YAML 1.1, where `yes`, `no`, `on` and
 * `off` are truth values (but not `y` and `n`), 0755 is octal, 1:30 is sexagesimal, a float needs its point, and the
 * last of two equal keys counts. Dates stay text.
 */
export function parseYaml(text: string): { value: unknown; duplicateKeys: string[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    customTags: (tags) => [...tags.filter((tag) => typeof tag === 'string' || !replaced.has(tag.tag)), ...scalarTags],
    uniqueKeys: false,
    merge: true,
    lineCounter,
    prettyErrors: false,
  });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new Error(`line ${line}, column ${col}: ${problem.message}`);
  }
  return { value: document.toJS({ maxAliasCount: 1000 }) as unknown, duplicateKeys: duplicateKeys(document) };
}

function duplicateKeys(document: Document): string[] {
  const twice: string[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value)) twice.push(String(key.value));
        seen.add(key.value);
      }
    },
  });
  return twice;
}

const replaced = new Set([
  'tag:yaml.org,2002:null',
  'tag:yaml.org,2002:bool',
  'tag:yaml.org,2002:int',
  'tag:yaml.org,2002:float',
  'tag:yaml.org,2002:timestamp',
]);

function scalar(kind: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag {
  return { tag: `tag:yaml.org,2002:${kind}`, default: true, test, resolve };
}

const scalarTags: readonly ScalarTag[] = [
  scalar('null', /^(?:~|null|Null|NULL)?$/, () => null),
  scalar('bool', /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, () => true),
  scalar('bool', /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, () => false),
  scalar('int', /^[-+]?0b[01_]+$/, (text) => integer(text, '0b', 2)),
  scalar('int', /^[-+]?0x[0-9a-fA-F_]+$/, (text) => integer(text, '0x', 16)),
  scalar('int', /^[-+]?0[0-7_]+$/, (text) => integer(text, '0', 8)),
  scalar('int', /^[-+]?(?:0|[1-9][0-9_]*)$/, (text) => integer(text, '', 10)),
  scalar('int', /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, sexagesimal),
  scalar('float', /^[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?$/, (text) => Number(text.replaceAll('_', ''))),
  scalar('float', /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/, (text) => Number(text.replaceAll('_', ''))),
  scalar('float', /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/, sexagesimal),
  scalar('float', /^[-+]?\.(?:inf|Inf|INF)$/, (text) => (text.startsWith('-') ? -Infinity : Infinity)),
  scalar('float', /^\.(?:nan|NaN|NAN)$/, () => NaN),
];

function integer(text: string, prefix: string, base: number): number {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '').slice(prefix.length).replaceAll('_', '');
  const value = Number.parseInt(digits === '' ? '0' : digits, base);
  return negative ? -value : value;
}

function sexagesimal(text: string): number {
  const negative = text.startsWith('-');
  const value = text
    .replace(/^[-+]/, '')
    .replaceAll('_', '')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  return negative ? -value : value;
}
