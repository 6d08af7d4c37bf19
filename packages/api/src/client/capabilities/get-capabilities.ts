import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, mapOf, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getCapabilities = endpoint({
  id: 'getCapabilities',
  summary: 'What the account may do on this server',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/capabilities'),
  auth: 'user-or-guest',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ capabilities: mapOf(jsonObject) }),
});
