import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { LRUCache } from 'lru-cache';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import { collect, diffMaps, type Difference } from './diff.ts';
import { groupIndex, StateMapEditor } from './editor.ts';
import { decodeNode, encodeNode, slotOf, type Group, type Node } from './node.ts';

/** A room's whole state at one moment: the number of a root node; 0 is the empty state. */
export type StateRoot = number & { readonly rootOf: 'state' };

export const emptyState = 0 as StateRoot;

export interface StateChange {
  readonly key: StateKeyNid;
  /** The event that is the state now; undefined takes the key out. */
  readonly event: EventNid | undefined;
}

export interface StateDifference {
  readonly key: StateKeyNid;
  readonly before: EventNid | undefined;
  readonly after: EventNid | undefined;
}

/** A state that isn't stored yet, or a stored one. */
interface ChangedState {
  readonly editor: StateMapEditor;
  readonly root: number;
}

/** About what an inner node or a full leaf takes in memory, in bytes. */
const nodeOverhead = 200;

/** Room states as persistent maps: a change writes the nodes on its path and shares all others. */
export class StateMaps {
  readonly #database: Database;
  readonly #counter: Counter;
  readonly #cache: LRUCache<number, Node>;

  private constructor(database: Database, counter: Counter, cacheBytes: number) {
    this.#database = database;
    this.#counter = counter;
    this.#cache = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: (node) => nodeOverhead + (node.leaf ? node.keys.length * 16 : node.groups.length * 40),
    });
  }

  static async open(database: Database, counters: Counters, cacheBytes: number): Promise<StateMaps> {
    return new StateMaps(database, await counters.open('state_nodes'), cacheBytes);
  }

  /** The event that a key has in a state. */
  async get(root: StateRoot, key: StateKeyNid, reader: Reader = this.#database.reader): Promise<EventNid | undefined> {
    let nid: number = root;
    while (nid !== 0) {
      const node: Node = this.#cache.get(nid) ?? (await this.#load(nid, reader));
      if (node.leaf) {
        const at = node.keys.indexOf(key);
        return at < 0 ? undefined : (node.values[at] as EventNid);
      }
      nid = (node.groups[groupIndex(node, slotOf(key, node.depth))] as Group).child;
    }
    return undefined;
  }

  /** Every key of a state with its event. Reads level by level, so that a large state takes few queries. */
  async entries(root: StateRoot, reader: Reader = this.#database.reader): Promise<Map<StateKeyNid, EventNid>> {
    if (root === 0) return new Map();
    await this.#prefetch(root, reader);
    const source = this.#source(reader);
    return new Map(await collect(source, [await source(root)])) as Map<StateKeyNid, EventNid>;
  }

  /** How many keys a state has. */
  async size(root: StateRoot, reader: Reader = this.#database.reader): Promise<number> {
    if (root === 0) return 0;
    const node = await this.#source(reader)(root);
    return node.leaf ? node.keys.length : node.count;
  }

  /** The keys in which two states differ, or some more than `most` of them; costs about the number of differences. */
  async diff(
    before: StateRoot,
    after: StateRoot,
    reader: Reader = this.#database.reader,
    most = Infinity,
  ): Promise<StateDifference[]> {
    const differences = await diffMaps(this.#source(reader), before, after, most);
    return differences.map((each: Difference) => ({
      key: each.key as StateKeyNid,
      before: each.before === 0 ? undefined : (each.before as EventNid),
      after: each.after === 0 ? undefined : (each.after as EventNid),
    }));
  }

  /** The state `root` with changes; stores the nodes that it doesn't share with `root`. */
  async apply(writer: Writer, root: StateRoot, changes: readonly StateChange[]): Promise<StateRoot> {
    return this.store(writer, await this.change(root, changes, () => undefined, writer));
  }

  /** The same before it is stored: many changes are made before a transaction, with `pause` between them. */
  async change(
    root: StateRoot,
    changes: readonly StateChange[],
    pause: () => Promise<void> | undefined,
    reader: Reader = this.#database.reader,
  ): Promise<ChangedState> {
    const editor = new StateMapEditor(this.#source(reader));
    let current: number = root;
    for (const { key, event } of changes) {
      current = event === undefined ? await editor.remove(current, key) : await editor.set(current, key, event);
      const pausing = pause();
      if (pausing) await pausing;
    }
    return { editor, root: current };
  }

  /** A state with exactly these entries. */
  async build(writer: Writer, entries: ReadonlyMap<StateKeyNid, EventNid>): Promise<StateRoot> {
    const editor = new StateMapEditor(this.#source(writer));
    return this.store(writer, { editor, root: editor.build([...entries]) });
  }

  /** Stores what a changed state doesn't share with the one that it was made of. */
  async store(writer: Writer, { editor, root }: ChangedState): Promise<StateRoot> {
    if (root >= 0) return root as StateRoot;
    const { root: result, nodes } = editor.finish(root, () => this.#counter.take());
    await writer.insert(
      'state_nodes',
      ['nid', 'node'],
      nodes.map(({ nid, node }) => [nid, encodeNode(node)]),
    );
    // Numbers aren't reused, so nodes of a transaction that is rolled back may stay in the cache unseen.
    for (const { nid, node } of nodes) this.#cache.set(nid, node);
    return result as StateRoot;
  }

  #source(reader: Reader): (nid: number) => Node | Promise<Node> {
    return (nid) => this.#cache.get(nid) ?? this.#load(nid, reader);
  }

  async #load(nid: number, reader: Reader): Promise<Node> {
    const row = await reader.get<{ node: Uint8Array }>(sql`SELECT node FROM state_nodes WHERE nid = ${nid}`);
    if (!row) throw new Error(`The state map has no node ${nid}`);
    const node = decodeNode(row.node);
    this.#cache.set(nid, node);
    return node;
  }

  async #prefetch(root: number, reader: Reader): Promise<void> {
    let level = [root];
    while (level.length > 0) {
      const missing = level.filter((nid) => !this.#cache.has(nid));
      const loaded = new Map<number, Node>();
      if (missing.length > 0) {
        const rows = await reader.all<{ nid: number; node: Uint8Array }>(
          sql`SELECT nid, node FROM state_nodes WHERE ${sql.anyOf('nid', missing)}`,
        );
        for (const row of rows) {
          const node = decodeNode(row.node);
          loaded.set(row.nid, node);
          this.#cache.set(row.nid, node);
        }
      }
      level = level.flatMap((nid) => {
        const node = loaded.get(nid) ?? this.#cache.get(nid);
        return node && !node.leaf ? node.groups.map((group) => group.child).filter((child) => child !== 0) : [];
      });
    }
  }
}
