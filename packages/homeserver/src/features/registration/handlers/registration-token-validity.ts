import type { registrationTokenValidity } from '@myelin/api';
import type { Handler, RateLimiter } from '../../../http/index.ts';
import type { RegistrationTokens } from '../registration-tokens.ts';

/** `limiter`: `rc_registration_token_validity`, by address. */
export function registrationTokenValidityHandler(
  tokens: RegistrationTokens,
  limiter: RateLimiter,
): Handler<typeof registrationTokenValidity> {
  return async ({ query, request }) => {
    limiter.check(request.ip);
    return { valid: await tokens.isValid(query.token) };
  };
}
