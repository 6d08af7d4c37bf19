import type { RegistrationConfig } from '../../config/index.ts';
import type { AuthFlow } from '../user-interactive-auth/index.ts';

/** What new users must go through, in Synapse's order. */
export function registrationFlows(config: RegistrationConfig, asksForTerms: boolean): readonly AuthFlow[] {
  const before = [
    ...(config.requiresToken ? ['m.login.registration_token'] : []),
    ...(asksForTerms ? ['m.login.terms'] : []),
  ];
  return [[...before, 'm.login.dummy']];
}
