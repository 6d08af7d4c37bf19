import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { publicRoomsPage } from '../shapes/public-rooms.ts';

/** Whether a token is needed is configured (`allow_public_rooms_without_auth`); for another server it always is. */
export const getPublicRooms = endpoint({
  id: 'getPublicRooms',
  summary: 'The directory of this or another server',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/publicRooms'),
  auth: 'optional',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    limit: Type.Optional(count),
    since: Type.Optional(Type.String()),
    server: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: publicRoomsPage,
});
