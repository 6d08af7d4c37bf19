import type { MatrixError } from '@myelin/api';
import type { Clock, Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import type { FederationRateLimit } from '../../config/index.ts';
import { limitExceeded } from '../../http/index.ts';
import { Slots } from '../../queues/index.ts';
import { noLimitMetrics, type LimitMetrics } from './limit-metrics.ts';

export interface OriginLimitsParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits: FederationRateLimit;
  readonly metrics?: LimitMetrics;
}

/** What one server has under way. */
interface Origin {
  /** When its last requests came, in ms: no more than `sleep_limit` of them. */
  times: number[];
  sleeping: number;
  readonly slots: Slots;
}

const mostOrigins = 20_000;

/**
 * `rc_federation`: of each server so many requests are worked on at once; beyond `sleep_limit` within the window they are
 * slowed down, and beyond `reject_limit` waiting ones refused. Servers don't wait for each other.
 */
export class OriginLimits {
  readonly #parts: OriginLimitsParts;
  readonly #origins = boundedCache<string, Origin>(mostOrigins);

  constructor(parts: OriginLimitsParts) {
    this.#parts = parts;
  }

  /** Waits for the request's turn; resolves to what ends it. Throws M_LIMIT_EXCEEDED. */
  async enter(name: string): Promise<() => void> {
    const { clock, timers, limits, metrics = noLimitMetrics } = this.#parts;
    const origin = this.#origin(name);
    const now = clock.monotonic();
    origin.times = origin.times.filter((time) => now - time < limits.windowSizeMs);
    if (origin.sleeping + origin.slots.waiting > limits.rejectLimit) {
      metrics.refused();
      throw refusal(limits);
    }
    const isFast = origin.times.length >= limits.sleepLimit;
    origin.times.push(now);
    if (isFast) origin.times.shift();
    if (isFast && limits.sleepDelayMs > 0) {
      metrics.slowedDown();
      if (origin.sleeping++ === 0) metrics.slowServers(1);
      await timers.sleep(limits.sleepDelayMs).finally(() => {
        if (--origin.sleeping === 0) metrics.slowServers(-1);
      });
    }
    const release = await origin.slots.take();
    metrics.waited(clock.monotonic() - now);
    return release;
  }

  /** Does the work in its turn. Throws M_LIMIT_EXCEEDED. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const release = await this.enter(name);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #origin(name: string): Origin {
    const atOnce = Math.max(this.#parts.limits.concurrent, 1);
    let origin = this.#origins.get(name);
    if (!origin) this.#origins.set(name, (origin = { times: [], sleeping: 0, slots: new Slots({ atOnce }) }));
    return origin;
  }
}

function refusal({ windowSizeMs, sleepLimit }: FederationRateLimit): MatrixError {
  return limitExceeded(Math.ceil(windowSizeMs / Math.max(sleepLimit, 1)));
}
