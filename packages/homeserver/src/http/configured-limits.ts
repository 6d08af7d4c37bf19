import type { RateLimitClass } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import type { RateLimitsConfig } from '../config/index.ts';
import type { RequestLimits } from './limits.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Requester } from './requester.ts';

/**
 * The limits that count before a call is handled, by the endpoint's class. Registrations and logins are counted where
 * it is known what comes of them, and what `client` marks (rate-limited by the specification, by no option of Synapse)
 * where the work is done, if at all. Redactions are messages, unless `rc_admin_redaction` tells them apart.
 */
export class ConfiguredLimits implements RequestLimits {
  readonly #message: RateLimiter;
  readonly #mediaCreate: RateLimiter;
  readonly #countsRedactions: boolean;

  constructor(clock: Clock, limits: RateLimitsConfig) {
    this.#message = new RateLimiter(clock, limits.message);
    this.#mediaCreate = new RateLimiter(clock, limits.mediaCreate);
    this.#countsRedactions = limits.adminRedaction === undefined;
  }

  check(limit: RateLimitClass, requester: Requester | undefined, ip: string): void {
    if (requester?.isExemptFromLimits) return;
    if (limit === 'message' || (limit === 'redaction' && this.#countsRedactions))
      this.#message.check(requester?.user ?? ip);
    else if (limit === 'media-create') this.#mediaCreate.check(requester?.user ?? ip);
  }
}
