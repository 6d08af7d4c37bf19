/** A binary heap: `pop` takes the item that comes before all others. */
export class MinHeap<Item> {
  readonly #items: Item[] = [];
  readonly #comesBefore: (x: Item, y: Item) => boolean;

  constructor(comesBefore: (x: Item, y: Item) => boolean) {
    this.#comesBefore = comesBefore;
  }

  /** What waits: those that are taken soon are mostly in front. */
  get waiting(): readonly Item[] {
    return this.#items;
  }

  push(item: Item): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#comesBefore(item, items[parent]!)) break;
      items[index] = items[parent]!;
      index = parent;
    }
    items[index] = item;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#comesBefore(items[child + 1]!, items[child]!)) child++;
      if (!this.#comesBefore(items[child]!, last)) break;
      items[index] = items[child]!;
      index = child;
    }
    items[index] = last;
    return first;
  }
}
