import type { Clock, Timers } from '@myelin/runtime';
import { limitExceeded } from '../../http/index.ts';

/** `rc_federation` of homeserver.yaml. */
export interface OriginLimits {
  readonly windowSizeMs: number;
  /** More requests than this within the window wait for `sleepDelayMs` each. */
  readonly sleepLimit: number;
  readonly sleepDelayMs: number;
  /** More waiting requests than this are refused. */
  readonly rejectLimit: number;
  /** So many are worked on at once. */
  readonly concurrent: number;
}

interface Origin {
  /** When the requests of the window came. */
  times: number[];
  running: number;
  sleeping: number;
  readonly waiting: (() => void)[];
}

/** Each server's requests wait for each other beyond `rc_federation`, and for nobody else's. */
export class OriginLimiter {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #limits: OriginLimits;
  readonly #origins = new Map<string, Origin>();

  constructor(clock: Clock, timers: Timers, limits: OriginLimits) {
    this.#clock = clock;
    this.#timers = timers;
    this.#limits = limits;
  }

  /** Runs `work` in its turn. Throws M_LIMIT_EXCEEDED if too much waits already. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const origin = this.#origins.get(name) ?? { times: [], running: 0, sleeping: 0, waiting: [] };
    this.#origins.set(name, origin);
    try {
      await this.#turn(origin);
      try {
        return await work();
      } finally {
        const next = origin.waiting.shift();
        // The place goes over to the next one.
        if (next) next();
        else origin.running--;
      }
    } finally {
      if (origin.running + origin.sleeping + origin.waiting.length === 0 && this.#recent(origin).length === 0)
        this.#origins.delete(name);
      else if (this.#origins.size > 1_000) this.#forgetIdle();
    }
  }

  async #turn(origin: Origin): Promise<void> {
    const { sleepLimit, sleepDelayMs, rejectLimit, concurrent } = this.#limits;
    origin.times = this.#recent(origin);
    if (origin.sleeping + origin.waiting.length > rejectLimit) throw limitExceeded(this.#limits.windowSizeMs);
    origin.times.push(this.#clock.monotonic());
    if (origin.times.length > sleepLimit) {
      origin.sleeping++;
      try {
        await this.#timers.sleep(sleepDelayMs);
      } finally {
        origin.sleeping--;
      }
    }
    if (origin.running < Math.max(1, concurrent)) origin.running++;
    else await new Promise<void>((resolve) => origin.waiting.push(resolve));
  }

  #recent({ times }: Origin): number[] {
    const from = this.#clock.monotonic() - this.#limits.windowSizeMs;
    return times.filter((time) => time > from);
  }

  #forgetIdle(): void {
    for (const [name, origin] of this.#origins)
      if (origin.running + origin.sleeping + origin.waiting.length === 0) this.#origins.delete(name);
  }
}
