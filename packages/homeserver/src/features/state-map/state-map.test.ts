import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, diffMaps } from './diff.ts';
import { StateMapEditor } from './editor.ts';
import { decodeNode, encodeNode, type Node } from './node.ts';

/** A store of encoded nodes, so that each test passes through the bytes. */
class Nodes {
  readonly #stored = new Map<number, Uint8Array>();
  #next = 1;

  readonly source = (nid: number): Node => decodeNode(this.#stored.get(nid) as Uint8Array);

  async apply(root: number, changes: readonly (readonly [number, number])[]): Promise<number> {
    const editor = new StateMapEditor(this.source);
    let current = root;
    for (const [key, value] of changes)
      current = value === 0 ? await editor.remove(current, key) : await editor.set(current, key, value);
    const finished = editor.finish(current, () => this.#next++);
    for (const { nid, node } of finished.nodes) this.#stored.set(nid, encodeNode(node));
    return finished.root;
  }

  build(entries: readonly (readonly [number, number])[]): number {
    const editor = new StateMapEditor(this.source);
    const finished = editor.finish(editor.build(entries), () => this.#next++);
    for (const { nid, node } of finished.nodes) this.#stored.set(nid, encodeNode(node));
    return finished.root;
  }

  async entries(root: number): Promise<Map<number, number>> {
    return root === 0 ? new Map() : new Map(await collect(this.source, [this.source(root)]));
  }

  /** The shape without the numbers of nodes. */
  shape(root: number): unknown {
    if (root === 0) return null;
    const node = this.source(root);
    return node.leaf
      ? node
      : { ...node, groups: node.groups.map((group) => ({ ...group, child: this.shape(group.child) })) };
  }
}

const key = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 2 ** 40 }),
  fc.integer({ min: 0, max: 40 }).map((n) => n * 4096),
);
const change = fc.tuple(key, fc.integer({ min: 0, max: 5000 }));
const changes = fc.array(change, { maxLength: 400, size: 'max' });

function model(list: readonly (readonly [number, number])[], from = new Map<number, number>()): Map<number, number> {
  const map = new Map(from);
  for (const [k, v] of list)
    if (v === 0) map.delete(k);
    else map.set(k, v);
  return map;
}

const sorted = (map: Map<number, number>): [number, number][] => [...map].toSorted((a, b) => a[0] - b[0]);

describe('the state map', () => {
  it('holds what was put in and not what was taken out', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const nodes = new Nodes();
        const root = await nodes.apply(0, list);
        expect(sorted(await nodes.entries(root))).toEqual(sorted(model(list)));
      }),
      { numRuns: 150 },
    );
  });

  it('has a shape that depends only on its content', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const nodes = new Nodes();
        const grown = await nodes.apply(0, list);
        const direct = await nodes.apply(0, sorted(model(list)).toReversed());
        expect(nodes.shape(grown)).toEqual(nodes.shape(direct));
      }),
      { numRuns: 150 },
    );
  });

  it('built in one go is the one that grew', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const nodes = new Nodes();
        const grown = await nodes.apply(0, list);
        expect(nodes.shape(nodes.build(sorted(model(list))))).toEqual(nodes.shape(grown));
      }),
      { numRuns: 100 },
    );
  });

  it('tells exactly the keys in which two maps differ', async () => {
    await fc.assert(
      fc.asyncProperty(changes, changes, fc.array(change, { maxLength: 20 }), async (base, left, right) => {
        const nodes = new Nodes();
        const root = await nodes.apply(0, base);
        const a = await nodes.apply(root, left);
        const b = await nodes.apply(root, right);
        const [inA, inB] = [await nodes.entries(a), await nodes.entries(b)];
        const expected = [...new Set([...inA.keys(), ...inB.keys()])]
          .filter((k) => inA.get(k) !== inB.get(k))
          .map((k) => ({ key: k, before: inA.get(k) ?? 0, after: inB.get(k) ?? 0 }));
        const order = (x: { key: number }, y: { key: number }): number => x.key - y.key;
        expect((await diffMaps(nodes.source, a, b)).toSorted(order)).toEqual(expected.toSorted(order));
        const some = await diffMaps(nodes.source, a, b, 2);
        expect(some.length).toBeGreaterThanOrEqual(Math.min(3, expected.length));
        expect(expected).toEqual(expect.arrayContaining(some));
      }),
      { numRuns: 100 },
    );
  });

  it('writes few nodes for a change in a large map', async () => {
    const nodes = new Nodes();
    const root = await nodes.apply(
      0,
      Array.from({ length: 10_000 }, (_, i) => [i * 2, i + 1] as const),
    );
    const editor = new StateMapEditor(nodes.source);
    let next = 1_000_000;
    const { nodes: written } = editor.finish(await editor.set(root, 4242, 99_999), () => next++);
    expect(written.length).toBeLessThanOrEqual(4);
    expect(written.reduce((sum, { node }) => sum + encodeNode(node).length, 0)).toBeLessThan(400);
  });
});
