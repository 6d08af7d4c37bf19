import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const ban = endpoint({
  id: 'ban',
  summary: 'Ban a user from a room',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/ban'),
  auth: 'user',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ user_id: Type.String(), reason: Type.Optional(nullable(Type.String())) })),
  response: emptyObject,
  allowEmptyBody: true,
});
