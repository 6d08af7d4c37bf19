import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { largeBody, mapOf, nothing, nullable } from '../shared.ts';

/** What the answer holds of each user is looked at one by one. */
export const queryUserEncryptionKeys = endpoint({
  id: 'federation.queryUserEncryptionKeys',
  summary: 'The keys of devices and users',
  source: 'server-server',
  method: 'POST',
  paths: ['/_matrix/federation/v1/user/keys/query'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({ device_keys: mapOf(Type.Array(Type.String())) }),
  response: Type.Object({
    device_keys: mapOf(Type.Unknown()),
    master_keys: Type.Optional(nullable(mapOf(Type.Unknown()))),
    self_signing_keys: Type.Optional(nullable(mapOf(Type.Unknown()))),
  }),
  bodyLimit: largeBody,
});
