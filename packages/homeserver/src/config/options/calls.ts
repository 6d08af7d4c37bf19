import { section } from '../option.ts';

export const callsOptions = section('Calls', '', [
  ['turn_uris', 'list', [], 'TURN servers for calls.'],
  ['turn_shared_secret', 'string or null', null, 'Secret that is shared with them.'],
  ['turn_shared_secret_path', 'string or null', null, 'File that holds it instead.'],
  ['turn_username', 'string or null', null, 'User there, if there is no shared secret.'],
  ['turn_password', 'string or null', null, 'Password there, if there is no shared secret.'],
  ['turn_user_lifetime', 'duration', '1h', 'How long the credentials that clients get are good for.'],
  ['turn_allow_guests', 'boolean', true, 'Give them to guests too.'],
  ['matrix_rtc', 'map', {}, 'Group calls.'],
  ['matrix_rtc.transports', 'list', [], 'Where they can be held.'],
  ['matrix_rtc.transports[].type', 'string', undefined, 'Kind of transport, `livekit`.'],
  ['matrix_rtc.transports[].livekit_service_url', 'string', undefined, 'Older form of url.'],
  ['matrix_rtc.transports[].url', 'string or null', null, 'Its address.'],
]);
