import { section } from '../option.ts';

export const sessionsOptions = section('Sessions', '', [
  ['session_lifetime', 'duration or null', null, ''],
  ['refreshable_access_token_lifetime', 'duration or null', '5m', ''],
  ['refresh_token_lifetime', 'duration or null', null, ''],
  ['nonrefreshable_access_token_lifetime', 'duration or null', null, ''],
  ['ui_auth', 'map', undefined, ''],
  ['ui_auth.session_timeout', 'duration', 0, ''],
  ['login_via_existing_session', 'map', undefined, ''],
  ['login_via_existing_session.enabled', 'boolean', false, ''],
  ['login_via_existing_session.require_ui_auth', 'boolean', true, ''],
  ['login_via_existing_session.token_timeout', 'duration', '5m', ''],
]);
