import { section } from '../option.ts';

export const sessionsOptions = section('Sessions', 'How long logins last.', [
  ['session_lifetime', 'duration or null', null, 'A session ends after this time; without it never.'],
  [
    'refreshable_access_token_lifetime',
    'duration or null',
    '5m',
    'Access tokens of clients with refresh tokens; null turns refresh tokens off.',
  ],
  [
    'refresh_token_lifetime',
    'duration or null',
    null,
    "Refresh tokens end if they aren't used within this time; without it never.",
  ],
  [
    'nonrefreshable_access_token_lifetime',
    'duration or null',
    null,
    'Access tokens of clients without refresh tokens; without it they end with the session.',
  ],
  ['ui_auth', 'map', undefined, 'User-interactive authentication.'],
  [
    'ui_auth.session_timeout',
    'duration',
    0,
    'For this long a confirmation counts for further actions too; 0 asks each time.',
  ],
  ['login_via_existing_session', 'map', undefined, 'Login tokens that a device makes for another one.'],
  ['login_via_existing_session.enabled', 'boolean', false, 'Let devices make them.'],
  ['login_via_existing_session.require_ui_auth', 'boolean', true, 'Only after a confirmation.'],
  ['login_via_existing_session.token_timeout', 'duration', '5m', 'How long they are good for.'],
]);
