import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject, largeBody, mapOf, nothing } from '../shared.ts';

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
    device_keys: mapOf(mapOf(jsonObject)),
    master_keys: Type.Optional(mapOf(jsonObject)),
    self_signing_keys: Type.Optional(mapOf(jsonObject)),
  }),
  bodyLimit: largeBody,
});
