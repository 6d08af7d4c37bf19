export interface SlotsOptions {
  /** So many tasks run side by side. */
  readonly atOnce: number;
  /** So many wait for a place; without it, whoever fills the queue bounds it. */
  readonly mostWaiting?: number;
  /** What a task meets that finds no room to wait. */
  readonly refusal?: () => Error;
}

/** Places for tasks: some run at a time, some wait in the order in which they came, the rest is refused. */
export class Slots {
  readonly #options: SlotsOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  /** Those that run and those that wait. */
  get size(): number {
    return this.#running + this.#waiting.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether a task would be refused. */
  get isFull(): boolean {
    const { atOnce, mostWaiting = Infinity } = this.#options;
    return this.#running >= atOnce && this.#waiting.length >= mostWaiting;
  }

  /** Resolves to what gives the place back. */
  async take(): Promise<() => void> {
    const { atOnce, refusal } = this.#options;
    if (this.isFull) throw refusal?.() ?? new Error('Too many tasks wait');
    if (this.#running < atOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      // The place goes to the next in line, so that nobody comes in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    };
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    const release = await this.take();
    try {
      return await task();
    } finally {
      release();
    }
  }
}
