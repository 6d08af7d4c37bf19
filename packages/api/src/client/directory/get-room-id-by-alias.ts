import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const getRoomIdByAlias = endpoint({
  id: 'getRoomIdByAlias',
  summary: 'The room that an alias stands for',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/directory/room/:roomAlias'),
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ roomAlias: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({ room_id: Type.String(), servers: Type.Array(Type.String()) }),
});
