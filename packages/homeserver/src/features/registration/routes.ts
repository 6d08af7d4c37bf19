import {
  checkUsernameAvailability,
  getRegistrationNonce,
  register,
  registerWithSharedSecret,
  registrationTokenValidity,
} from '@myelin/api';
import { route, type RateLimiter, type Route } from '../../http/index.ts';
import { checkUsernameAvailabilityHandler } from './handlers/check-username-availability.ts';
import { getRegistrationNonceHandler } from './handlers/get-registration-nonce.ts';
import { registerWithSharedSecretHandler } from './handlers/register-with-shared-secret.ts';
import { registerHandler } from './handlers/register.ts';
import { registrationTokenValidityHandler } from './handlers/registration-token-validity.ts';
import type { RegistrationTokens } from './registration-tokens.ts';
import type { Registration } from './registration.ts';
import type { SharedSecretRegistration } from './shared-secret.ts';

export interface RegistrationRoutesParts {
  readonly registration: Registration;
  readonly tokens: RegistrationTokens;
  readonly sharedSecret: SharedSecretRegistration;
  readonly serverName: string;
  /** `rc_registration_token_validity` */
  readonly tokenValidityLimiter: RateLimiter;
}

export function registrationRoutes(parts: RegistrationRoutesParts): Route[] {
  const { registration, tokens, sharedSecret, serverName } = parts;
  return [
    route(register, registerHandler(registration, serverName)),
    route(checkUsernameAvailability, checkUsernameAvailabilityHandler(registration)),
    route(registrationTokenValidity, registrationTokenValidityHandler(tokens, parts.tokenValidityLimiter)),
    route(getRegistrationNonce, getRegistrationNonceHandler(sharedSecret)),
    route(registerWithSharedSecret, registerWithSharedSecretHandler(sharedSecret, serverName)),
  ];
}
