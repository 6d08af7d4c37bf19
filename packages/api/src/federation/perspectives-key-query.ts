import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, jsonObject } from '../shared.ts';

/** The answers are looked at one by one. Older servers ask for one key by its id. */
export const perspectivesKeyQuery = endpoint({
  id: 'federation.perspectivesKeyQuery',
  summary: 'The signing keys of another server',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/key/v2/query/:serverName', '/_matrix/key/v2/query/:serverName/:keyId'],
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ serverName: Type.String(), keyId: Type.Optional(Type.String()) }),
  query: Type.Object({ minimum_valid_until_ts: Type.Optional(count) }),
  body: undefined,
  response: Type.Object({ server_keys: Type.Array(jsonObject) }),
});
