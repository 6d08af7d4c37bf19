import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const getRegistrationNonce = endpoint({
  id: 'getRegistrationNonce',
  summary: 'A number for one registration by shared secret',
  source: 'synapse',
  method: 'GET',
  paths: ['/_synapse/admin/v1/register'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ nonce: Type.String() }),
});
