import { section } from '../option.ts';

export const keysOptions = section('Keys', '', [
  ['signing_key_path', 'string or null', null, ''],
  ['old_signing_keys', 'map', {}, ''],
  ['old_signing_keys.<key>.key', 'string', undefined, ''],
  ['old_signing_keys.<key>.expired_ts', 'integer', undefined, ''],
  ['key_refresh_interval', 'duration', '1d', ''],
  ['trusted_key_servers', 'list', [{ server_name: 'matrix.org' }], ''],
  ['suppress_key_server_warning', 'boolean', false, ''],
  ['key_server_signing_keys_path', 'string or null', null, ''],
  ['signing_key', 'string or null', undefined, ''],
  ['trusted_key_servers[].server_name', 'string', undefined, ''],
  ['trusted_key_servers[].verify_keys', 'map or null', undefined, ''],
]);
