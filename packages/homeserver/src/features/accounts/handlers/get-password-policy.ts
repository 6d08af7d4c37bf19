import type { getPasswordPolicy } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PasswordRules } from '../password-policy.ts';

export function getPasswordPolicyHandler(rules: PasswordRules): Handler<typeof getPasswordPolicy> {
  return async () => rules.describe();
}
