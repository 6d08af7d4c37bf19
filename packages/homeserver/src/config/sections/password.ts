import type { Context } from './context.ts';

export interface PasswordConfig {
  /** Whether passwords log in. */
  readonly enabledForLogin: boolean;
  /** Whether passwords answer user-interactive authentication. */
  readonly enabledForReauth: boolean;
  /** Whether the server's own password hashes are looked at. */
  readonly localDatabaseEnabled: boolean;
  /** Appended to each password before it is hashed; a secret. */
  readonly pepper: string;
  readonly bcryptRounds: number;
  readonly policy: PasswordPolicy | undefined;
}

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly requireDigit: boolean;
  readonly requireSymbol: boolean;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
}

export function readPassword({ values }: Context): PasswordConfig {
  const onlyForReauth = values.raw('password_config.enabled') === 'only_for_reauth';
  const delegated = values.boolean('matrix_authentication_service.enabled') && !values.has('password_config.enabled');
  const enabled = onlyForReauth || (!delegated && values.boolean('password_config.enabled'));
  return {
    enabledForLogin: enabled && !onlyForReauth,
    enabledForReauth: enabled,
    localDatabaseEnabled: values.boolean('password_config.localdb_enabled'),
    pepper: values.optionalString('password_config.pepper') ?? '',
    bcryptRounds: values.integer('bcrypt_rounds', 4, 31),
    policy: values.boolean('password_config.policy.enabled')
      ? {
          minimumLength: values.integer('password_config.policy.minimum_length'),
          requireDigit: values.boolean('password_config.policy.require_digit'),
          requireSymbol: values.boolean('password_config.policy.require_symbol'),
          requireLowercase: values.boolean('password_config.policy.require_lowercase'),
          requireUppercase: values.boolean('password_config.policy.require_uppercase'),
        }
      : undefined,
  };
}
