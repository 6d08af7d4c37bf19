/** Lets a few tasks run at once; a number of others wait for their turn, first come first served. */
export class Turns {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Throws an Error, at once, where too many wait already; else what the task throws. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) {
      this.#running++;
    } else {
      if (this.#waiting.length >= this.#mostWaiting) throw new Error('Too many wait for their turn');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await task();
    } finally {
      // The place is handed on, so that nobody slips in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
