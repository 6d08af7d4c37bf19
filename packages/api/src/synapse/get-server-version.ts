import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const getServerVersion = endpoint({
  id: 'getServerVersion',
  summary: 'The version of the server',
  source: 'synapse',
  method: 'GET',
  paths: ['/_synapse/admin/v1/server_version'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ server_version: Type.String() }),
});
