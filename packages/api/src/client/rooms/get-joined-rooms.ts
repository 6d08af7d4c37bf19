import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const getJoinedRooms = endpoint({
  id: 'getJoinedRooms',
  summary: 'The rooms that one is joined to',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/joined_rooms'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ joined_rooms: Type.Array(Type.String()) }),
});
