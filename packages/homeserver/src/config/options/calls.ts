import { section } from '../option.ts';

export const callsOptions = section('Calls', '', [
  ['turn_uris', 'list', [], ''],
  ['turn_shared_secret', 'string or null', null, ''],
  ['turn_shared_secret_path', 'string or null', null, ''],
  ['turn_username', 'string or null', null, ''],
  ['turn_password', 'string or null', null, ''],
  ['turn_user_lifetime', 'duration', '1h', ''],
  ['turn_allow_guests', 'boolean', true, ''],
  ['matrix_rtc', 'map', {}, ''],
  ['matrix_rtc.transports', 'list', [], ''],
  ['matrix_rtc.transports[].type', 'string', undefined, ''],
  ['matrix_rtc.transports[].livekit_service_url', 'string', undefined, ''],
  ['matrix_rtc.transports[].url', 'string or null', null, ''],
]);
