import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** An empty state key may be left out, with or without its slash. */
export const getRoomStateWithKey = endpoint({
  id: 'getRoomStateWithKey',
  summary: 'One part of the state of a room',
  source: 'client-server',
  method: 'GET',
  paths: [
    ...oldClientPaths('/rooms/:roomId/state/:eventType/:stateKey'),
    ...oldClientPaths('/rooms/:roomId/state/:eventType'),
  ],
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventType: Type.String(), stateKey: Type.Optional(Type.String()) }),
  query: Type.Object({ format: Type.Optional(oneOf(['content', 'event'])) }),
  body: undefined,
  response: jsonObject,
});
