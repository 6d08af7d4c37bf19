import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** `servers` is what Synapse lets application services add. */
export const setRoomAlias = endpoint({
  id: 'setRoomAlias',
  summary: 'Make an alias',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/directory/room/:roomAlias'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomAlias: Type.String() }),
  query: nothing,
  body: Type.Object({ room_id: Type.String(), servers: Type.Optional(nullable(Type.Array(Type.String()))) }),
  response: emptyObject,
});
