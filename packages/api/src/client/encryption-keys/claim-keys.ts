import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, mapOf, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { oneTimeKeys } from '../shapes/keys.ts';

/** `timeout` in milliseconds; Synapse reads it from the query. */
export const claimKeys = endpoint({
  id: 'claimKeys',
  summary: 'Take one-time keys of other devices',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/keys/claim'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ timeout: Type.Optional(count) }),
  body: Type.Object({ one_time_keys: mapOf(mapOf(Type.String())), timeout: Type.Optional(count) }),
  response: Type.Object({ one_time_keys: mapOf(mapOf(oneTimeKeys)), failures: Type.Optional(mapOf(jsonObject)) }),
});
