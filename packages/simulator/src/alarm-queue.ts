/** Something to be done at a moment of virtual time. */
export interface Alarm {
  readonly at: number;
  /** Decides between alarms of one moment. No two have the same. */
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

/** Alarms, the next first: a heap, since idle servers have thousands that lie far ahead. */
export class AlarmQueue {
  readonly #heap: Alarm[] = [];

  add(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as Alarm;
      if (isBefore(other, alarm)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = alarm;
  }

  takeFirst(): Alarm | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, heap[below] as Alarm)) below++;
      const next = heap[below] as Alarm;
      if (isBefore(last, next)) break;
      heap[at] = next;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
