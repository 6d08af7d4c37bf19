import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { eventTemplate } from './shapes/events.ts';

/** Without `ver`, room version 1. */
export const makeJoin = endpoint({
  id: 'federation.makeJoin',
  summary: 'A template for a join',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/make_join/:roomId/:userId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), userId: Type.String() }),
  query: Type.Object({ ver: Type.Optional(Type.Array(Type.String())) }),
  body: undefined,
  response: eventTemplate,
});
