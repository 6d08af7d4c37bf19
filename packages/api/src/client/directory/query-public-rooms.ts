import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, nullable } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { publicRoomsPage } from '../shapes/public-rooms.ts';

export const queryPublicRooms = endpoint({
  id: 'queryPublicRooms',
  summary: 'Search the directory of this or another server',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/publicRooms'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ server: Type.Optional(Type.String()) }),
  body: Type.Object({
    limit: Type.Optional(nullable(count)),
    since: Type.Optional(nullable(Type.String())),
    filter: Type.Optional(
      nullable(
        Type.Object({
          generic_search_term: Type.Optional(nullable(Type.String())),
          room_types: Type.Optional(nullable(Type.Array(nullable(Type.String())))),
        }),
      ),
    ),
    include_all_networks: Type.Optional(nullable(Type.Boolean())),
    third_party_instance_id: Type.Optional(nullable(Type.String())),
  }),
  response: publicRoomsPage,
  allowEmptyBody: true,
});
