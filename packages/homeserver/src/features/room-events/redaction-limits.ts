import type { Clock } from '@myelin/runtime';
import type { RateLimitsConfig } from '../../config/index.ts';
import { RateLimiter, type Requester } from '../../http/index.ts';

/**
 * `rc_admin_redaction`: where it is set, redactions don't count as messages when they are asked for (see ConfiguredLimits)
 * but here, where it is known whose event it is. Redactions of own events keep the limit of messages.
 */
export class RedactionLimits {
  readonly #own: RateLimiter;
  readonly #others: RateLimiter | undefined;

  constructor(clock: Clock, limits: RateLimitsConfig) {
    this.#own = new RateLimiter(clock, limits.message);
    this.#others = limits.adminRedaction && new RateLimiter(clock, limits.adminRedaction);
  }

  check(requester: Requester, isOwnEvent: boolean): void {
    if (!this.#others || requester.isExemptFromLimits) return;
    (isOwnEvent ? this.#own : this.#others).check(requester.user);
  }
}
