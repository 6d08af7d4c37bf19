// Lists the options that are marked as served (packages/homeserver/src/config/served.ts) although nothing outside of the
// configuration names the member of Config that they set; exits 1 if there are any. That a name is there proves little,
// that it is missing proves enough.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFromObject, isServed, options, testOptions, type Config, type Option } from '@myelin/homeserver/config';

const root = join(import.meta.dirname, '..', 'packages');
const sources = ['homeserver/src', 'cli/src', 'database/src']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  .filter((path) => !path.includes('/src/config/'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

const plain = { ...testOptions, listeners: [{ port: 1, type: 'http', resources: [{ names: ['client'] }] }] };
const before = members(configFromObject(plain));
let found = 0;
for (const option of options.values()) {
  if (!isServed(option.name) || /[[<]/.test(option.name)) continue;
  const changed = changedMembers(option);
  if (changed.length === 0) continue;
  const unused = changed.filter((path) => !new RegExp(`\\b${path.split('.').at(-1)}\\b`).test(sources));
  if (unused.length === 0) continue;
  found++;
  console.log(`${option.name}: nothing reads ${unused.join(', ')}`);
}
if (found > 0) process.exitCode = 1;

/** The members of Config that are different if the option is. */
function changedMembers(option: Option): string[] {
  try {
    const after = members(configFromObject(set(plain, option.name.split('.'), otherValue(option))));
    return [...after]
      .filter(([path, value]) => before.get(path) !== value && !path.startsWith('notices'))
      .map(([path]) => path);
  } catch {
    return [];
  }
}

function otherValue({ type, fallback }: Option): unknown {
  if (type.startsWith('boolean')) return !fallback;
  if (type.startsWith('integer') || type.startsWith('number')) return Number(fallback ?? 0) + 5;
  if (type.startsWith('duration')) return '11m';
  if (type.startsWith('size')) return '7M';
  if (type.startsWith('list')) return ['#a:b'];
  return type.startsWith('one of') ? type.slice(7).split(', ').at(-1) : 'https://example.org';
}

function set(
  mapping: Readonly<Record<string, unknown>>,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const inner = (mapping[first] ?? {}) as Record<string, unknown>;
  return { ...mapping, [first]: rest.length === 0 ? value : set(inner, rest, value) };
}

function members(config: Config): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      !(value instanceof Set) &&
      !ArrayBuffer.isView(value)
    ) {
      for (const [key, member] of Object.entries(value)) visit(member, path === '' ? key : `${path}.${key}`);
    } else {
      found.set(path, value instanceof Set ? [...value].join() : String(JSON.stringify(value)));
    }
  };
  visit(config, '');
  return found;
}
