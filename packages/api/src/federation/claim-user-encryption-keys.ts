import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { largeBody, mapOf, nothing } from '../shared.ts';

/** What the answer holds of each user is looked at one by one. */
export const claimUserEncryptionKeys = endpoint({
  id: 'federation.claimUserEncryptionKeys',
  summary: 'Take one-time keys',
  source: 'server-server',
  method: 'POST',
  paths: ['/_matrix/federation/v1/user/keys/claim'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({ one_time_keys: mapOf(mapOf(Type.String())) }),
  response: Type.Object({ one_time_keys: mapOf(Type.Unknown()) }),
  bodyLimit: largeBody,
});
