import type { Clock } from '@myelin/runtime';

/** Changes are told at once, this many times a second. */
const tellingsPerSecond = 20;

/** Counts what is told at once. */
export class TellingPace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #second = { from: 0, tellings: 0 };

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Counts one more, and says whether it may be told now. */
  allowsNow(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#second.from >= 1_000) this.#second = { from: now, tellings: 0 };
    return ++this.#second.tellings <= tellingsPerSecond;
  }
}
