import { section } from '../option.ts';

export const passwordsOptions = section('Passwords', '', [
  ['bcrypt_rounds', 'integer', 12, 'The work of hashing a password: each step doubles it.'],
  ['password_config', 'map', undefined, 'Passwords.'],
  [
    'password_config.enabled',
    'boolean or only_for_reauth',
    true,
    'Log in with passwords; `only_for_reauth` to confirm actions only.',
  ],
  ['password_config.localdb_enabled', 'boolean', true, "Check passwords against this server's own accounts."],
  [
    'password_config.pepper',
    'string or null',
    '',
    'A secret that is mixed into each password. If it changes, no password fits any more.',
  ],
  ['password_config.policy', 'map', undefined, 'What passwords must look like.'],
  ['password_config.policy.enabled', 'boolean', false, 'Hold new passwords to it.'],
  ['password_config.policy.minimum_length', 'integer', 0, 'Shortest length.'],
  ['password_config.policy.require_digit', 'boolean', false, 'A digit must be in it.'],
  ['password_config.policy.require_symbol', 'boolean', false, 'Something else than letters and digits must be in it.'],
  ['password_config.policy.require_lowercase', 'boolean', false, 'A small letter must be in it.'],
  ['password_config.policy.require_uppercase', 'boolean', false, 'A capital letter must be in it.'],
]);
