import { changePassword, deactivateAccount, getAccount3PIDs, getPasswordPolicy } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Reauthentication } from '../user-interactive-auth/index.ts';
import type { Deactivation } from './deactivation.ts';
import { changePasswordHandler } from './handlers/change-password.ts';
import { deactivateAccountHandler } from './handlers/deactivate-account.ts';
import { getAccount3pidsHandler } from './handlers/get-account-3pids.ts';
import { getPasswordPolicyHandler } from './handlers/get-password-policy.ts';
import type { PasswordChange } from './password-change.ts';
import type { PasswordRules } from './password-policy.ts';

export interface AccountRoutesParts {
  readonly passwordChange: PasswordChange;
  readonly passwordRules: PasswordRules;
  readonly deactivation: Deactivation;
  readonly reauthentication: Reauthentication;
}

export function accountsRoutes({
  passwordChange,
  passwordRules,
  deactivation,
  reauthentication,
}: AccountRoutesParts): Route[] {
  return [
    route(changePassword, changePasswordHandler(passwordChange, reauthentication)),
    route(deactivateAccount, deactivateAccountHandler(deactivation, reauthentication)),
    route(getPasswordPolicy, getPasswordPolicyHandler(passwordRules)),
    route(getAccount3PIDs, getAccount3pidsHandler()),
  ];
}
