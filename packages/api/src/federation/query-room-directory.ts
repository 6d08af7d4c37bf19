import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const queryRoomDirectory = endpoint({
  id: 'federation.queryRoomDirectory',
  summary: 'The room that an alias stands for',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/query/directory'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ room_alias: Type.String() }),
  body: undefined,
  response: Type.Object({ room_id: Type.String(), servers: Type.Array(Type.String()) }),
});
