import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { eventTemplate } from './shapes/events.ts';

export const makeKnock = endpoint({
  id: 'federation.makeKnock',
  summary: 'A template for a knock',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/make_knock/:roomId/:userId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), userId: Type.String() }),
  query: Type.Object({ ver: Type.Array(Type.String()) }),
  body: undefined,
  response: eventTemplate,
});
