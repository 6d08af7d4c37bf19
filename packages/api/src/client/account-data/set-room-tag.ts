import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, withMore } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const setRoomTag = endpoint({
  id: 'setRoomTag',
  summary: 'Tag a room',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/user/:userId/rooms/:roomId/tags/:tag'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), roomId: Type.String(), tag: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ order: Type.Optional(nullable(Type.Number())) })),
  response: emptyObject,
  allowEmptyBody: true,
});
