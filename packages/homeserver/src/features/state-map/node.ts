/**
 * Nodes of the persistent state map: a trie over the bits of the key number, lowest first, whose shape depends only on
 * its content. A subtree of at most 32 entries is one leaf; an inner node packs four binary levels.
 */

/** Up to 32 entries. Every key has the same lowest `depth` bits. Keys ascend. Values are event numbers. */
export interface Leaf {
  readonly leaf: true;
  readonly depth: number;
  readonly keys: readonly number[];
  readonly values: readonly number[];
}

/**
 * Sixteen slots by the four bits above `depth`, the lowest of them deciding first. Aligned runs of slots (groups) share
 * one leaf while they hold at most 32 entries together.
 */
export interface Inner {
  readonly leaf: false;
  readonly depth: number;
  /** Entries in the whole subtree. */
  readonly count: number;
  readonly groups: readonly Group[];
}

export interface Group {
  /** First slot and number of slots (1, 2, 4 or 8). */
  readonly start: number;
  readonly size: number;
  /** Number of the child node; 0 if the group is empty, negative for one that isn't stored yet. */
  readonly child: number;
  readonly isLeaf: boolean;
}

export type Node = Leaf | Inner;

export const leafCapacity = 32;
export const slots = 16;
const bitsPerInner = 4;

export function countOf(node: Node): number {
  return node.leaf ? node.keys.length : node.count;
}

const reversed4 = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];

/** The slot of a key in an inner node at `depth`. */
export function slotOf(key: number, depth: number): number {
  return reversed4[Math.floor(key / 2 ** depth) % slots] as number;
}

/** The depth of the child of a group: a group of one slot is decided by four more bits, of eight by one. */
export function childDepth(depth: number, groupSize: number): number {
  return depth + bitsPerInner - Math.log2(groupSize);
}

/** Numbers as varints: seven bits a byte, lowest first. */
class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  number(value: number): void {
    if (this.#length + 9 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    while (value >= 128) {
      this.#bytes[this.#length++] = (value % 128) + 128;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.#length++] = value;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('A node of the state map is cut off');
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
      factor *= 128;
    }
  }
}

/**
 * Leaf: depth·2, count, first key, differences of the keys without their common low bits, largest value, distances from
 * it. Inner: depth·2+1, count, bitmap of group starts, bitmap of leaves, largest child, distances from it plus one (0: empty).
 */
export function encodeNode(node: Node): Uint8Array {
  const out = new ByteWriter();
  if (node.leaf) {
    out.number(node.depth * 2);
    out.number(node.keys.length);
    const unit = 2 ** node.depth;
    node.keys.forEach((key, i) => out.number(i === 0 ? key : (key - (node.keys[i - 1] as number)) / unit));
    const largest = Math.max(0, ...node.values);
    out.number(largest);
    for (const value of node.values) out.number(largest - value);
  } else {
    out.number(node.depth * 2 + 1);
    out.number(node.count);
    let starts = 0;
    let leaves = 0;
    let largest = 0;
    for (const group of node.groups) {
      starts |= 1 << group.start;
      if (group.isLeaf) leaves |= 1 << group.start;
      largest = Math.max(largest, group.child);
    }
    out.number(starts);
    out.number(leaves);
    out.number(largest);
    for (const group of node.groups) out.number(group.child === 0 ? 0 : largest - group.child + 1);
  }
  return out.take();
}

export function decodeNode(bytes: Uint8Array): Node {
  const input = new ByteReader(bytes);
  const head = input.number();
  const depth = Math.floor(head / 2);
  const count = input.number();
  if (head % 2 === 0) {
    const keys: number[] = [];
    const unit = 2 ** depth;
    for (let i = 0; i < count; i++)
      keys.push(i === 0 ? input.number() : (keys[i - 1] as number) + input.number() * unit);
    const largest = input.number();
    const values = keys.map(() => largest - input.number());
    return { leaf: true, depth, keys, values };
  }
  const starts = input.number();
  const leaves = input.number();
  const largest = input.number();
  const firstSlots: number[] = [];
  for (let slot = 0; slot < slots; slot++) if (starts & (1 << slot)) firstSlots.push(slot);
  const groups = firstSlots.map((start, i): Group => {
    const distance = input.number();
    return {
      start,
      size: (firstSlots[i + 1] ?? slots) - start,
      child: distance === 0 ? 0 : largest - distance + 1,
      isLeaf: (leaves & (1 << start)) !== 0,
    };
  });
  return { leaf: false, depth, count, groups };
}
