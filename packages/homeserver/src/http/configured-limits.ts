import type { RateLimitClass } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import type { RateLimitsConfig } from '../config/index.ts';
import type { RequestLimits } from './limits.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Requester } from './requester.ts';

/**
 * The limits that count before a call is handled, by the endpoint's class. `client` marks what the specification calls
 * rate-limited and no option of Synapse's limits: such calls are counted where the work is done, if at all.
 */
export class ConfiguredLimits implements RequestLimits {
  readonly #message: RateLimiter;
  readonly #registration: RateLimiter;
  readonly #login: RateLimiter;
  readonly #mediaCreate: RateLimiter;

  constructor(clock: Clock, limits: RateLimitsConfig) {
    this.#message = new RateLimiter(clock, limits.message);
    this.#registration = new RateLimiter(clock, limits.registration);
    this.#login = new RateLimiter(clock, limits.loginAddress);
    this.#mediaCreate = new RateLimiter(clock, limits.mediaCreate);
  }

  check(limit: RateLimitClass, requester: Requester | undefined, ip: string): void {
    if (requester?.isExemptFromLimits) return;
    if (limit === 'message') this.#message.check(requester?.user ?? ip);
    else if (limit === 'registration') this.#registration.check(ip);
    else if (limit === 'login') this.#login.check(ip);
    else if (limit === 'media-create') this.#mediaCreate.check(requester?.user ?? ip);
  }
}
