import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** An empty state key may be left out, with or without its slash. */
export const setRoomStateWithKey = endpoint({
  id: 'setRoomStateWithKey',
  summary: 'Send a state event to a room',
  source: 'client-server',
  method: 'PUT',
  paths: [
    ...oldClientPaths('/rooms/:roomId/state/:eventType/:stateKey'),
    ...oldClientPaths('/rooms/:roomId/state/:eventType'),
  ],
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String(), eventType: Type.String(), stateKey: Type.Optional(Type.String()) }),
  query: Type.Object({ ts: Type.Optional(count) }),
  body: jsonObject,
  response: Type.Object({ event_id: Type.String() }),
});
