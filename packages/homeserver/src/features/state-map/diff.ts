import type { NodeSource } from './editor.ts';
import { countOf, slots, type Group, type Inner, type Node } from './node.ts';

/** What a key has in two maps; 0 where it has nothing. */
export interface Difference {
  readonly key: number;
  readonly before: number;
  readonly after: number;
}

/** The keys in which two maps differ; once they are more than `most`, the rest isn't looked for. Costs about the number of differences, not the size of the maps. */
export async function diffMaps(
  source: NodeSource,
  before: number,
  after: number,
  most = Infinity,
): Promise<Difference[]> {
  const out: Difference[] = [];
  await diffRefs(source, before, after, out, most);
  return out;
}

async function diffRefs(
  source: NodeSource,
  before: number,
  after: number,
  out: Difference[],
  most: number,
): Promise<void> {
  if (before === after || out.length > most) return;
  const a = before === 0 ? undefined : await source(before);
  const b = after === 0 ? undefined : await source(after);
  if (a && b && !a.leaf && !b.leaf) return diffInner(source, a, b, out, most);
  compare(a ? await collect(source, [a]) : [], b ? await collect(source, [b]) : [], out);
}

async function diffInner(source: NodeSource, a: Inner, b: Inner, out: Difference[], most: number): Promise<void> {
  let slot = 0;
  while (slot < slots && out.length <= most) {
    // Groups are aligned runs, so at each start one side's group covers whole groups of the other.
    const groupA = a.groups.find((group) => group.start === slot) as Group;
    const groupB = b.groups.find((group) => group.start === slot) as Group;
    const size = Math.max(groupA.size, groupB.size);
    if (groupA.size === groupB.size) await diffRefs(source, groupA.child, groupB.child, out, most);
    else compare(await collectRun(source, a, slot, size), await collectRun(source, b, slot, size), out);
    slot += size;
  }
}

async function collectRun(source: NodeSource, node: Inner, start: number, size: number): Promise<[number, number][]> {
  const nodes: Node[] = [];
  for (const group of node.groups) {
    if (group.start >= start && group.start < start + size && group.child !== 0) nodes.push(await source(group.child));
  }
  return collect(source, nodes);
}

/** All entries below some nodes as [key, value]. */
export async function collect(source: NodeSource, nodes: readonly Node[]): Promise<[number, number][]> {
  const out: [number, number][] = [];
  for (const node of nodes) {
    if (node.leaf) node.keys.forEach((key, i) => out.push([key, node.values[i] as number]));
    else if (countOf(node) > 0) {
      for (const group of node.groups)
        if (group.child !== 0) out.push(...(await collect(source, [await source(group.child)])));
    }
  }
  return out;
}

function compare(a: [number, number][], b: [number, number][], out: Difference[]): void {
  const before = new Map(a);
  for (const [key, value] of b) {
    const old = before.get(key) ?? 0;
    if (old !== value) out.push({ key, before: old, after: value });
    before.delete(key);
  }
  for (const [key, value] of before) out.push({ key, before: value, after: 0 });
}
