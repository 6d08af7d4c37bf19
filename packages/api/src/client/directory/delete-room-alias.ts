import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const deleteRoomAlias = endpoint({
  id: 'deleteRoomAlias',
  summary: 'Delete an alias',
  source: 'client-server',
  method: 'DELETE',
  paths: oldClientPaths('/directory/room/:roomAlias'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomAlias: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
