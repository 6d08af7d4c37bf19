import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, mapOf, nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { deviceKeys, oneTimeKeys } from '../shapes/keys.ts';

export const uploadKeys = endpoint({
  id: 'uploadKeys',
  summary: 'Publish the keys of a device',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/keys/upload'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({
    device_keys: Type.Optional(deviceKeys),
    one_time_keys: Type.Optional(nullable(oneTimeKeys)),
    fallback_keys: Type.Optional(nullable(oneTimeKeys)),
  }),
  response: Type.Object({ one_time_key_counts: mapOf(count) }),
});
