import { checkCombinations } from './check-combinations.ts';
import { nearestName } from './nearest-name.ts';
import type { LegacyOption, Option, OptionValue } from './option.ts';
import { options } from './option-table.ts';
import { isOpaque, optionTree, type OptionNode } from './option-tree.ts';
import { legacyOptions } from './options/legacy.ts';
import { parseDuration, parseSize } from './quantities.ts';
import { isServed } from './served.ts';
import { isMapping, type Mapping, type Values } from './values.ts';

const tree = optionTree(options.values());
const legacy: ReadonlyMap<string, LegacyOption> = new Map(legacyOptions.map((option) => [option.name, option]));

/** Refuses what can't be started with; says what is unknown, old or not served yet. Throws ConfigError. */
export function checkOptions(mapping: Mapping, values: Values, notice: (sentence: string) => void): void {
  if (!('server_name' in mapping))
    throw values.fail('server_name', 'is missing: the name of this server, as in @user:NAME');
  if (!('report_stats' in mapping)) {
    throw values.fail('report_stats', 'is missing: write `report_stats: false` or `report_stats: true`');
  }
  const notServed = new Set<string>();
  walk(mapping, tree, '', '', (node, value, table, shown) => {
    if (node === undefined) {
      notice(unknownOption(shown, table));
      return;
    }
    const { option } = node;
    if (option === undefined) return;
    const old = legacy.get(option.name);
    if (old !== undefined) checkLegacy(old, value, shown, values, notice);
    if (old?.outcome === 'accepted' || old === undefined) {
      if (isSet(option, value, isOpaque(node)) && !isServed(option.name)) notServed.add(outermost(option.name));
    }
  });
  if (notServed.size > 0) notice(`known but not served yet, without effect: ${[...notServed].join(', ')}`);
  checkCombinations(mapping, values, notice);
}

type Visit = (node: OptionNode | undefined, value: unknown, table: string, shown: string) => void;

function walk(value: unknown, node: OptionNode, table: string, shown: string, visit: Visit): void {
  if (isMapping(value)) {
    for (const [key, member] of Object.entries(value)) {
      const known = node.members.get(key);
      const below = known ?? node.anyKey;
      const step = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
      visit(below, member, step(table, known || !below ? key : '<key>'), step(shown, key));
      // A list that is written out as the default has it asks for nothing.
      const asDefault = below?.option !== undefined && JSON.stringify(below.option.fallback) === JSON.stringify(member);
      if (below !== undefined && !isOpaque(below) && !asDefault) {
        walk(member, below, step(table, known ? key : '<key>'), step(shown, key), visit);
      }
    }
  } else if (Array.isArray(value) && node.items !== undefined) {
    for (const [at, item] of (value as unknown[]).entries())
      walk(item, node.items, `${table}[]`, `${shown}[${at}]`, visit);
  }
}

function checkLegacy(
  old: LegacyOption,
  value: unknown,
  shown: string,
  values: Values,
  notice: (sentence: string) => void,
): void {
  if (isNothing(value)) return;
  if (old.outcome === 'refused') throw values.fail(shown, `is not supported any more; ${old.doc}`);
  if (old.outcome === 'ignored') notice(`${shown} is not supported any more and has no effect; ${old.doc}`);
  else notice(`${shown} is old; ${old.doc}`);
}

function unknownOption(shown: string, table: string): string {
  const leaf = shown.slice(shown.lastIndexOf('.') + 1);
  const parent = table.slice(0, Math.max(table.lastIndexOf('.'), 0));
  const siblings = [...options.keys()].filter(
    (name) => name.lastIndexOf('.') === parent.length && name.startsWith(parent),
  );
  const sameLeaf = [...options.keys()].filter((name) => name.endsWith(`.${leaf}`) && !/[[<]/.test(name));
  const elsewhere = sameLeaf.length === 1 ? sameLeaf[0] : undefined;
  const near =
    elsewhere ??
    nearestName(table, parent === '' ? [...options.keys()].filter((name) => !/[.[]/.test(name)) : siblings);
  return `${shown} is not an option and has no effect${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** True if the value asks for something else than the default; what is inside counts by itself if it is known by name. */
function isSet(option: Option, value: unknown, opaque: boolean): boolean {
  if (value === null || value === undefined || (!opaque && typeof value === 'object')) return false;
  const fallback = option.fallback;
  if (fallback === undefined || fallback === null) return !isNothing(value);
  return !sameValue(option, value, fallback);
}

function sameValue(option: Option, value: unknown, fallback: OptionValue): boolean {
  if (option.type.includes('duration')) return parseDuration(value) === parseDuration(fallback);
  if (option.type.includes('size')) return parseSize(value) === parseSize(fallback);
  return JSON.stringify(value) === JSON.stringify(fallback);
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0) return true;
  return Array.isArray(value) ? value.length === 0 : isMapping(value) && Object.keys(value).length === 0;
}

/** The outermost option above this one of which nothing is served. */
function outermost(name: string): string {
  const parts = name.split(/\.|(?=\[\])/);
  for (let count = 1; count < parts.length; count++) {
    const above = parts.slice(0, count).join('.').replaceAll('.[]', '[]');
    const inside = [...options.keys()].filter(
      (other) => other === above || other.startsWith(`${above}.`) || other.startsWith(`${above}[`),
    );
    if (above !== 'experimental_features' && !inside.some((other) => isServed(other))) return above;
  }
  return name;
}
