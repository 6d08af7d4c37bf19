import { MatrixError } from '@myelin/api';
import type { PasswordPolicy } from '../../config/index.ts';

const longestPassword = 512;

/** What new passwords must hold (`password_config.policy`). */
export class PasswordRules {
  readonly #policy: PasswordPolicy | undefined;

  constructor(policy: PasswordPolicy | undefined) {
    this.#policy = policy;
  }

  /** Throws M_PASSWORD_TOO_SHORT, M_PASSWORD_NO_DIGIT … */
  check(password: string): void {
    if (password.length > longestPassword || password.includes('\0'))
      throw new MatrixError('M_INVALID_PARAM', 'Invalid password');
    const policy = this.#policy;
    if (!policy) return;
    if (password.length < policy.minimumLength) {
      throw new MatrixError(
        'M_PASSWORD_TOO_SHORT',
        `The password must be at least ${policy.minimumLength} characters long`,
      );
    }
    if (policy.requireDigit && !/\d/.test(password))
      throw new MatrixError('M_PASSWORD_NO_DIGIT', 'The password must include at least one digit');
    if (policy.requireSymbol && !/[^a-zA-Z0-9]/.test(password)) {
      throw new MatrixError('M_PASSWORD_NO_SYMBOL', 'The password must include at least one symbol');
    }
    if (policy.requireUppercase && !/[A-Z]/.test(password)) {
      throw new MatrixError('M_PASSWORD_NO_UPPERCASE', 'The password must include at least one uppercase letter');
    }
    if (policy.requireLowercase && !/[a-z]/.test(password)) {
      throw new MatrixError('M_PASSWORD_NO_LOWERCASE', 'The password must include at least one lowercase letter');
    }
  }

  /** As GET /password_policy tells it; empty if there is none. */
  describe(): Record<string, number | boolean> {
    const policy = this.#policy;
    if (!policy) return {};
    return {
      ...(policy.minimumLength > 0 && { 'm.minimum_length': policy.minimumLength }),
      ...(policy.requireDigit && { 'm.require_digit': true }),
      ...(policy.requireSymbol && { 'm.require_symbol': true }),
      ...(policy.requireUppercase && { 'm.require_uppercase': true }),
      ...(policy.requireLowercase && { 'm.require_lowercase': true }),
    };
  }
}
