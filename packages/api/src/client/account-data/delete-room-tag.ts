import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const deleteRoomTag = endpoint({
  id: 'deleteRoomTag',
  summary: 'Remove a tag from a room',
  source: 'client-server',
  method: 'DELETE',
  paths: clientPaths('/user/:userId/rooms/:roomId/tags/:tag'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), roomId: Type.String(), tag: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
