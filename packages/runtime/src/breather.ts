import type { Clock } from './clock.ts';
import type { Timers } from './timers.ts';

/** For so long, in ms, work goes on before others have the thread. */
const slice = 4;

/** Resolves when all that waits for the thread now has had it. */
export function othersTurn(timers: Timers): Promise<void> {
  return new Promise((resolve) => timers.soon(resolve));
}

/** Lets others have the thread from time to time during long work. */
export class Breather {
  readonly #clock: Clock;
  readonly #timers: Timers;
  #sliceEnds: number;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.#sliceEnds = clock.monotonic() + slice;
  }

  /** Whether it is time to `breathe`. */
  get isDue(): boolean {
    return this.#clock.monotonic() >= this.#sliceEnds;
  }

  async breathe(): Promise<void> {
    if (!this.isDue) return;
    await othersTurn(this.#timers);
    this.#sliceEnds = this.#clock.monotonic() + slice;
  }

  /** The same for loops in which each `await` counts: nothing is to be waited for while it isn't due. */
  pause(): Promise<void> | undefined {
    return this.isDue ? this.breathe() : undefined;
  }

  /** A list in pieces of this size, with pauses between them. */
  async *slices<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[], void> {
    for (let at = 0; at < items.length; at += size) {
      if (at > 0) await this.breathe();
      yield items.slice(at, at + size);
    }
  }
}
