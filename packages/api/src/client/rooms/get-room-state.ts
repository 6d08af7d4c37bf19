import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

export const getRoomState = endpoint({
  id: 'getRoomState',
  summary: 'The state of a room',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/state'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Array(clientEvent),
});
