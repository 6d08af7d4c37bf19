import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';
import { serverKeys } from './shapes/server-keys.ts';

/** Older servers ask for one key by its id, and get all of them. */
export const getServerKey = endpoint({
  id: 'federation.getServerKey',
  summary: 'The signing keys of this server',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/key/v2/server', '/_matrix/key/v2/server/:keyId'],
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ keyId: Type.Optional(Type.String()) }),
  query: nothing,
  body: undefined,
  response: serverKeys,
});
