import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import { boundedCache } from '../caches/index.ts';

/** An `rc_*` limit of homeserver.yaml: a bucket of `burstCount` calls that refills at `perSecond`. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burstCount: number;
}

interface Bucket {
  level: number;
  at: number;
}

/**
 * Leaky buckets by key (a user, an address, a room). Memory is bounded: the buckets that weren't used for longest are
 * forgotten first, which forgives their owners.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #limit: RateLimit;
  readonly #buckets = boundedCache<string | number, Bucket>(50_000);

  constructor(clock: Clock, limit: RateLimit) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Counts one action of `key`, or refuses it with M_LIMIT_EXCEEDED and the time to wait. */
  check(key: string | number, cost = 1): void {
    const wait = this.#take(key, cost, true);
    if (wait > 0) throw limitExceeded(wait);
  }

  /** Counts an action of `key` if it has room left, and says whether it had. */
  allows(key: string | number, cost = 1): boolean {
    return this.#take(key, cost, true) === 0;
  }

  /** Takes back what was counted. */
  giveBack(key: string | number, cost: number): void {
    const bucket = this.#buckets.get(key);
    if (bucket) this.#buckets.set(key, { level: Math.max(0, bucket.level - cost), at: bucket.at });
  }

  /** Refuses if `key` has no room left, without counting. */
  checkOnly(key: string | number): void {
    const wait = this.#take(key, 1, false);
    if (wait > 0) throw limitExceeded(wait);
  }

  #take(key: string | number, cost: number, count: boolean): number {
    const now = this.#clock.monotonic();
    const { perSecond, burstCount } = this.#limit;
    const bucket = this.#buckets.get(key) ?? { level: 0, at: now };
    const level = Math.max(0, bucket.level - ((now - bucket.at) / 1000) * perSecond);
    const allowed = level + cost <= Math.max(burstCount, 1);
    if (!allowed) {
      return perSecond > 0 ? Math.max(1, Math.ceil(((level + cost - burstCount) / perSecond) * 1000)) : 3_600_000;
    }
    if (count) this.#buckets.set(key, { level: level + cost, at: now });
    return 0;
  }
}

/** Client-Server API §2.2.1. */
export function limitExceeded(retryAfterMs: number): MatrixError {
  return new MatrixError('M_LIMIT_EXCEEDED', 'Too Many Requests', { details: { retry_after_ms: retryAfterMs } });
}
