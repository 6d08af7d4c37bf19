/** Runs the tasks of one key one after another; tasks of different keys don't wait for each other. */
export class KeyedQueue {
  readonly #lines = new Map<string, { last: Promise<unknown>; length: number }>();
  readonly #longest: number;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Whether so many tasks of the key wait that another would be turned away. */
  isFull(key: string): boolean {
    return (this.#lines.get(key)?.length ?? 0) >= this.#longest;
  }

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { last: Promise.resolve(), length: 0 };
    this.#lines.set(key, line);
    line.length++;
    const result = line.last.then(task);
    line.last = result.catch(() => {});
    try {
      return await result;
    } finally {
      if (--line.length === 0) this.#lines.delete(key);
    }
  }
}
