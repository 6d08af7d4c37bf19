import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const getVersion = endpoint({
  id: 'federation.getVersion',
  summary: 'The software of the server',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/version'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    server: Type.Optional(Type.Object({ name: Type.Optional(Type.String()), version: Type.Optional(Type.String()) })),
  }),
});
