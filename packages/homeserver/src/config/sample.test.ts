import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryConfigFiles } from './config-files.ts';
import { loadConfig } from './load-config.ts';
import { options, optionSections } from './option-table.ts';
import { isOpaque, optionTree, type OptionNode } from './option-tree.ts';
import { testOptions } from './test-config.ts';
import { isMapping } from './values.ts';
import { parseYaml } from './yaml.ts';

const sample = readFileSync(join(import.meta.dirname, '../../../../docs/sample-homeserver.yaml'), 'utf8');

/** Options stand behind a # without a space, or inside of such a one with the spaces of their depth; sentences behind `# `. */
const turnedOn = sample.replaceAll(/^#(?=\S| {2})/gm, '');

describe('the sample file', () => {
  it('starts a server as it is', () => {
    const config = loadConfig({
      paths: ['/srv/homeserver.yaml'],
      files: memoryConfigFiles({ '/srv/homeserver.yaml': sample }),
      overrides: { signing_key: testOptions['signing_key'] },
    });
    expect(config.server.name).toBe('example.org');
    expect(config.notices).toEqual([]);
  });

  it('has every option, under its right name', () => {
    const { value } = parseYaml(turnedOn);
    const seen = new Set<string>();
    walk(value, optionTree(options.values()), '', seen);
    expect([...seen].filter((name) => name.startsWith('unknown'))).toEqual([]);
    const all = optionSections.flatMap((section) => section.options.map(({ name }) => name));
    // `listeners` and `database` are written out twice; the second, with its empty members, counts.
    expect(all.filter((name) => !seen.has(name))).toEqual([]);
  });
});

function walk(value: unknown, node: OptionNode, path: string, seen: Set<string>): void {
  if (node.option !== undefined) seen.add(node.option.name);
  if (Array.isArray(value) && node.items !== undefined) {
    for (const item of value as unknown[]) walk(item, node.items, `${path}[]`, seen);
  }
  if (!isMapping(value) || isOpaque(node)) return;
  for (const [key, item] of Object.entries(value)) {
    const child = node.members.get(key) ?? node.anyKey;
    if (child === undefined) seen.add(`unknown ${path}.${key}`);
    else walk(item, child, `${path}.${key}`, seen);
  }
}
