import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { mapOf, nothing, withMore } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getRoomTags = endpoint({
  id: 'getRoomTags',
  summary: 'The tags that one gave a room',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/user/:userId/rooms/:roomId/tags'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({ tags: mapOf(withMore(Type.Object({ order: Type.Optional(Type.Number()) }))) }),
});
