import {
  childDepth,
  countOf,
  leafCapacity,
  slotOf,
  slots,
  type Group,
  type Inner,
  type Leaf,
  type Node,
} from './node.ts';

/** Where stored nodes come from. */
export type NodeSource = (nid: number) => Node | Promise<Node>;

interface Entry {
  readonly key: number;
  readonly value: number;
}

/**
 * Changes a state map in memory: new nodes have negative numbers until `finish` says which of them the last root needs.
 * Nodes are never changed, so every earlier root stays as it was.
 */
export class StateMapEditor {
  readonly #source: NodeSource;
  readonly #fresh = new Map<number, Node>();
  #nextFresh = -1;

  constructor(source: NodeSource) {
    this.#source = source;
  }

  /** The root of the map with `key` set to `value`. */
  async set(root: number, key: number, value: number): Promise<number> {
    if (root === 0) return this.#add(leafOf([{ key, value }], 0));
    const node = await this.#load(root);
    const changed = await this.#put(node, { key, value });
    return changed === node ? root : this.#add(changed);
  }

  /** The root of a map with exactly these entries (no key twice), made in one go. */
  build(entries: readonly (readonly [key: number, value: number])[]): number {
    if (entries.length === 0) return 0;
    return this.#add(
      this.#build(
        entries.map(([key, value]) => ({ key, value })),
        0,
      ),
    );
  }

  /** The root of the map without `key`. */
  async remove(root: number, key: number): Promise<number> {
    if (root === 0) return 0;
    const node = await this.#load(root);
    const changed = await this.#take(node, key);
    if (changed === node) return root;
    return countOf(changed) === 0 ? 0 : this.#add(changed);
  }

  /**
   * The new nodes that `root` needs, children first, numbered by `number`. Returns the number of the root.
   */
  finish(root: number, number: () => number): { root: number; nodes: { nid: number; node: Node }[] } {
    const nodes: { nid: number; node: Node }[] = [];
    const numbered = new Map<number, number>();
    const visit = (ref: number): number => {
      if (ref >= 0) return ref;
      const known = numbered.get(ref);
      if (known !== undefined) return known;
      let node = this.#fresh.get(ref) as Node;
      if (!node.leaf) node = { ...node, groups: node.groups.map((group) => ({ ...group, child: visit(group.child) })) };
      const nid = number();
      numbered.set(ref, nid);
      nodes.push({ nid, node });
      return nid;
    };
    return { root: visit(root), nodes };
  }

  #add(node: Node): number {
    const ref = this.#nextFresh--;
    this.#fresh.set(ref, node);
    return ref;
  }

  #load(ref: number): Node | Promise<Node> {
    return ref < 0 ? (this.#fresh.get(ref) as Node) : this.#source(ref);
  }

  async #put(node: Node, entry: Entry): Promise<Node> {
    if (node.leaf) return putInLeaf(node, entry, (entries) => this.#build(entries, node.depth));
    const slot = slotOf(entry.key, node.depth);
    const index = groupIndex(node, slot);
    const group = node.groups[index] as Group;
    const depth = childDepth(node.depth, group.size);
    if (group.child === 0) {
      return replace(node, index, [{ ...group, child: this.#add(leafOf([entry], depth)), isLeaf: true }], 1);
    }
    const child = await this.#load(group.child);
    if (child.leaf && group.size > 1) {
      const changed = putInLeaf(child, entry, () => undefined);
      if (changed === child) return node;
      if (changed)
        return replace(node, index, [{ ...group, child: this.#add(changed) }], countOf(changed) - countOf(child));
      const groups = this.#split(group.start, group.size, withEntry(entriesOf(child), entry), node.depth);
      return replace(node, index, groups, 1);
    }
    const changed = await this.#put(child, entry);
    if (changed === child) return node;
    return replace(
      node,
      index,
      [{ ...group, child: this.#add(changed), isLeaf: changed.leaf }],
      countOf(changed) - countOf(child),
    );
  }

  async #take(node: Node, key: number): Promise<Node> {
    if (node.leaf) {
      const at = node.keys.indexOf(key);
      return at < 0 ? node : { ...node, keys: node.keys.toSpliced(at, 1), values: node.values.toSpliced(at, 1) };
    }
    const index = groupIndex(node, slotOf(key, node.depth));
    const group = node.groups[index] as Group;
    if (group.child === 0) return node;
    const child = await this.#load(group.child);
    const changed = await this.#take(child, key);
    if (changed === child) return node;
    if (node.count - 1 <= leafCapacity) {
      const entries = (await this.#allEntries(node)).filter((entry) => entry.key !== key);
      return leafOf(entries, node.depth);
    }
    const replacement: Group = {
      ...group,
      child: countOf(changed) === 0 ? 0 : this.#add(changed),
      isLeaf: changed.leaf,
    };
    return this.#merge(replace(node, index, [replacement], -1), replacement.start);
  }

  /** Joins the group at `start` with its neighbours as far as they fit into one leaf together. */
  async #merge(node: Inner, start: number): Promise<Inner> {
    let current = node;
    for (;;) {
      const group = current.groups[groupIndex(current, start)] as Group;
      if (group.size * 2 >= slots) return current;
      const first = Math.floor(group.start / (group.size * 2)) * group.size * 2;
      const members = current.groups.filter((each) => each.start >= first && each.start < first + group.size * 2);
      let total = 0;
      for (const member of members) {
        if (member.child !== 0 && !member.isLeaf) total = leafCapacity + 1;
        else if (member.child !== 0) total += countOf(await this.#load(member.child));
      }
      if (total > leafCapacity) return current;
      const entries: Entry[] = [];
      for (const member of members)
        if (member.child !== 0) entries.push(...entriesOf((await this.#load(member.child)) as Leaf));
      const size = group.size * 2;
      const merged: Group = {
        start: first,
        size,
        child: entries.length === 0 ? 0 : this.#add(leafOf(entries, childDepth(current.depth, size))),
        isLeaf: true,
      };
      const groups = current.groups.filter((each) => !members.includes(each));
      current = { ...current, groups: [...groups, merged].toSorted((a, b) => a.start - b.start) };
      start = first;
    }
  }

  async #allEntries(node: Node): Promise<Entry[]> {
    if (node.leaf) return entriesOf(node);
    const all: Entry[] = [];
    for (const group of node.groups)
      if (group.child !== 0) all.push(...(await this.#allEntries(await this.#load(group.child))));
    return all;
  }

  #build(entries: Entry[], depth: number): Node {
    if (entries.length <= leafCapacity) return leafOf(entries, depth);
    return { leaf: false, depth, count: entries.length, groups: this.#split(0, slots, entries, depth) };
  }

  #split(start: number, size: number, entries: Entry[], depth: number): Group[] {
    if (entries.length <= leafCapacity && size < slots) {
      return [
        {
          start,
          size,
          child: entries.length === 0 ? 0 : this.#add(leafOf(entries, childDepth(depth, size))),
          isLeaf: true,
        },
      ];
    }
    if (size === 1)
      return [{ start, size, child: this.#add(this.#build(entries, childDepth(depth, 1))), isLeaf: false }];
    const half = size / 2;
    const low = entries.filter((entry) => slotOf(entry.key, depth) < start + half);
    const high = entries.filter((entry) => slotOf(entry.key, depth) >= start + half);
    return [...this.#split(start, half, low, depth), ...this.#split(start + half, half, high, depth)];
  }
}

function entriesOf(leaf: Leaf): Entry[] {
  return leaf.keys.map((key, i) => ({ key, value: leaf.values[i] as number }));
}

function leafOf(entries: Entry[], depth: number): Leaf {
  const sorted = entries.toSorted((a, b) => a.key - b.key);
  return { leaf: true, depth, keys: sorted.map((entry) => entry.key), values: sorted.map((entry) => entry.value) };
}

function withEntry(entries: Entry[], entry: Entry): Entry[] {
  return [...entries.filter((each) => each.key !== entry.key), entry];
}

/** The leaf with the entry in it; the same leaf if it was there; what `overflow` makes of more entries than a leaf holds. */
function putInLeaf<T>(leaf: Leaf, entry: Entry, overflow: (entries: Entry[]) => T): Leaf | T {
  const at = leaf.keys.indexOf(entry.key);
  if (at >= 0) {
    if (leaf.values[at] === entry.value) return leaf;
    return { ...leaf, values: leaf.values.with(at, entry.value) };
  }
  const entries = withEntry(entriesOf(leaf), entry);
  return entries.length > leafCapacity ? overflow(entries) : leafOf(entries, leaf.depth);
}

export function groupIndex(node: Inner, slot: number): number {
  const groups = node.groups;
  let index = groups.length - 1;
  while ((groups[index] as Group).start > slot) index--;
  return index;
}

function replace(node: Inner, index: number, groups: Group[], growth: number): Inner {
  return { ...node, count: node.count + growth, groups: node.groups.toSpliced(index, 1, ...groups) };
}
