import type { RateLimitClass } from '@myelin/api';
import type { Requester } from './requester.ts';

/** Counts a call against the limiter of its endpoint's class; throws M_LIMIT_EXCEEDED. */
export interface RequestLimits {
  check(limit: RateLimitClass, requester: Requester | undefined, ip: string): void;
}

/** For listeners whose endpoints are never limited. */
export const noLimits: RequestLimits = { check: () => {} };
