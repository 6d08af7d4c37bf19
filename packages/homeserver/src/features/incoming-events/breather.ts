import type { Clock, Timers } from '@myelin/runtime';

/** For so long, in ms, work goes on before others have the thread. */
const slice = 5;

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
    await new Promise<void>((resolve) => this.#timers.soon(resolve));
    this.#sliceEnds = this.#clock.monotonic() + slice;
  }
}
