import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { pdus } from './shapes/events.ts';

/** Older servers end the path with a slash. */
export const getRoomState = endpoint({
  id: 'federation.getRoomState',
  summary: 'The state of a room at an event, and its auth chain',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/state/:roomId', '/_matrix/federation/v1/state/:roomId/'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ event_id: Type.String() }),
  body: undefined,
  response: Type.Object({ auth_chain: pdus, pdus }),
});
