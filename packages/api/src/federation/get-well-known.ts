import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const getWellKnown = endpoint({
  id: 'federation.getWellKnown',
  summary: 'Where the federation API of this server name is',
  source: 'server-server',
  method: 'GET',
  paths: ['/.well-known/matrix/server'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ 'm.server': Type.Optional(Type.String()) }),
});
