import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, jsonObject, mapOf, nothing } from '../shared.ts';

/** By server, then by key. The answers are looked at one by one. */
export const bulkPerspectivesKeyQuery = endpoint({
  id: 'federation.bulkPerspectivesKeyQuery',
  summary: 'The signing keys of other servers',
  source: 'server-server',
  method: 'POST',
  paths: ['/_matrix/key/v2/query'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({ server_keys: mapOf(mapOf(Type.Object({ minimum_valid_until_ts: Type.Optional(count) }))) }),
  response: Type.Object({ server_keys: Type.Array(jsonObject) }),
});
