import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';
import { eventTemplate } from './shapes/events.ts';

export const makeLeave = endpoint({
  id: 'federation.makeLeave',
  summary: 'A template for a leave',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/make_leave/:roomId/:userId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), userId: Type.String() }),
  query: nothing,
  body: undefined,
  response: eventTemplate,
});
