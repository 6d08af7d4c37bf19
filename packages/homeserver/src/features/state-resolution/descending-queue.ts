import { MinHeap } from '@myelin/protocol';

/** Numbers that come out from the largest to the smallest, each once. */
export class DescendingQueue {
  readonly #heap = new MinHeap<number>((one, other) => one > other);
  readonly #members = new Set<number>();

  get size(): number {
    return this.#members.size;
  }

  /** The numbers that wait: the largest are mostly in front. */
  get waiting(): readonly number[] {
    return this.#heap.waiting;
  }

  push(value: number): void {
    if (this.#members.has(value)) return;
    this.#members.add(value);
    this.#heap.push(value);
  }

  pop(): number | undefined {
    const top = this.#heap.pop();
    if (top !== undefined) this.#members.delete(top);
    return top;
  }
}
