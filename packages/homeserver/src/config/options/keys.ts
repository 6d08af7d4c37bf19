import { section } from '../option.ts';

export const keysOptions = section(
  'Keys and secrets',
  'Keep these to yourself. For each secret there is an option that names a file instead.',
  [
    ['macaroon_secret_key', 'string or null', null, 'Secret from which short-lived tokens are made.'],
    ['macaroon_secret_key_path', 'string or null', null, 'File that holds it instead.'],
    ['form_secret', 'string or null', null, 'Secret that protects forms against forgery.'],
    ['form_secret_path', 'string or null', null, 'File that holds it instead.'],
    [
      'signing_key_path',
      'string or null',
      null,
      "File with the key that signs this server's events. By default NAME.signing.key beside the configuration.",
    ],
    ['old_signing_keys', 'map', {}, 'Keys that signed for this server before.'],
    ['old_signing_keys.<key>.key', 'string', undefined, 'Public key in base64.'],
    ['old_signing_keys.<key>.expired_ts', 'integer', undefined, 'When it was given up, in milliseconds since 1970.'],
    ['key_refresh_interval', 'duration', '1d', "How long others may keep this server's keys before they ask again."],
    ['trusted_key_servers', 'list', [{ server_name: 'matrix.org' }], 'Servers that are asked for the keys of others.'],
    [
      'suppress_key_server_warning',
      'boolean',
      false,
      'Without effect: there is no warning that matrix.org is the trusted key server.',
    ],
    [
      'key_server_signing_keys_path',
      'string or null',
      null,
      "File with the keys that sign when this server vouches for others' keys; by default the server's own.",
    ],
    ['signing_key', 'string or null', undefined, 'The key itself, as it would stand in that file.'],
    ['trusted_key_servers[].server_name', 'string', undefined, 'The server.'],
    ['trusted_key_servers[].verify_keys', 'map or null', undefined, 'Its keys by key id, checked if they are given.'],
    [
      'trusted_key_servers[].accept_keys_insecurely',
      'boolean',
      false,
      'Take its word though neither its keys are given nor certificates are checked; refused at the start otherwise.',
    ],
  ],
);
