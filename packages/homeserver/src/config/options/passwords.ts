import { section } from '../option.ts';

export const passwordsOptions = section('Passwords', '', [
  ['bcrypt_rounds', 'integer', 12, ''],
  ['password_config', 'map', undefined, ''],
  ['password_config.enabled', 'boolean or only_for_reauth', true, ''],
  ['password_config.localdb_enabled', 'boolean', true, ''],
  ['password_config.pepper', 'string or null', '', ''],
  ['password_config.policy', 'map', undefined, ''],
  ['password_config.policy.enabled', 'boolean', false, ''],
  ['password_config.policy.minimum_length', 'integer', 0, ''],
  ['password_config.policy.require_digit', 'boolean', false, ''],
  ['password_config.policy.require_symbol', 'boolean', false, ''],
  ['password_config.policy.require_lowercase', 'boolean', false, ''],
  ['password_config.policy.require_uppercase', 'boolean', false, ''],
]);
