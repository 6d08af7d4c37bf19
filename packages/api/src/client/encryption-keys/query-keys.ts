import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, mapOf, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { crossSigningKey, deviceKeys } from '../shapes/keys.ts';

/** `timeout` in milliseconds; Synapse reads it from the query. */
export const queryKeys = endpoint({
  id: 'queryKeys',
  summary: 'The keys of devices and users',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/keys/query'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ timeout: Type.Optional(count) }),
  body: Type.Object({ device_keys: mapOf(Type.Array(Type.String())), timeout: Type.Optional(count) }),
  response: Type.Object({
    device_keys: Type.Optional(mapOf(mapOf(deviceKeys))),
    master_keys: Type.Optional(mapOf(crossSigningKey)),
    self_signing_keys: Type.Optional(mapOf(crossSigningKey)),
    user_signing_keys: Type.Optional(mapOf(crossSigningKey)),
    failures: Type.Optional(mapOf(jsonObject)),
  }),
});
