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
  readonly #restMs: number;
  #sliceEnds: number;

  /** With `restMs` it rests so long after every 4 ms of work, whether others want the thread or not. */
  constructor(clock: Clock, timers: Timers, { restMs = 0 }: { readonly restMs?: number } = {}) {
    this.#clock = clock;
    this.#timers = timers;
    this.#restMs = restMs;
    this.#sliceEnds = clock.monotonic() + slice;
  }

  /** Whether it is time to `breathe`. */
  get isDue(): boolean {
    return this.#clock.monotonic() >= this.#sliceEnds;
  }

  async breathe(): Promise<void> {
    if (!this.isDue) return;
    if (this.#restMs > 0) await this.#timers.sleep(this.#restMs);
    else await othersTurn(this.#timers);
    this.#sliceEnds = this.#clock.monotonic() + slice;
  }

  /** The same for loops in which each `await` counts: nothing is to be waited for while it isn't due. */
  pause(): Promise<void> | undefined {
    return this.isDue ? this.breathe() : undefined;
  }

  /** Does work that comes in steps, with pauses between them. */
  async finish<T>(steps: Generator<unknown, T>): Promise<T> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      if (this.isDue) await this.breathe();
    }
  }

  /** A list in pieces of this size, with pauses between them. */
  async *slices<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[], void> {
    for (let at = 0; at < items.length; at += size) {
      if (at > 0) await this.breathe();
      yield items.slice(at, at + size);
    }
  }
}
