import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';
import { pdus } from './shapes/events.ts';

export const getEventAuth = endpoint({
  id: 'federation.getEventAuth',
  summary: 'The auth chain of an event',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/event_auth/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({ auth_chain: pdus }),
});
