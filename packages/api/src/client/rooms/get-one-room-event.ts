import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

export const getOneRoomEvent = endpoint({
  id: 'getOneRoomEvent',
  summary: 'One event of a room',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/event/:eventId'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: undefined,
  response: clientEvent,
});
