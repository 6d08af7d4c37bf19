import { Slots, type SlotsOptions } from './slots.ts';

/** Places for the tasks of each key: those of different keys don't wait for each other. */
export class KeyedSlots {
  readonly #options: SlotsOptions;
  readonly #slots = new Map<string, Slots>();

  /** `options` are those of each key. */
  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const slots = this.#slots.get(key) ?? new Slots(this.#options);
    this.#slots.set(key, slots);
    try {
      return await slots.run(task);
    } finally {
      if (slots.size === 0) this.#slots.delete(key);
    }
  }
}
