import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const leaveRoom = endpoint({
  id: 'leaveRoom',
  summary: 'Leave a room, or refuse an invitation',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/leave'),
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ reason: Type.Optional(nullable(Type.String())) })),
  response: emptyObject,
  allowEmptyBody: true,
});
