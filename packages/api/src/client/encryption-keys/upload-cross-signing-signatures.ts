import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, mapOf, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

/** By user, then by device or public key: the signed object with the new signatures. */
export const uploadCrossSigningSignatures = endpoint({
  id: 'uploadCrossSigningSignatures',
  summary: 'Publish signatures of keys',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/keys/signatures/upload'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: mapOf(mapOf(jsonObject)),
  response: Type.Object({ failures: Type.Optional(mapOf(mapOf(jsonObject))) }),
});
