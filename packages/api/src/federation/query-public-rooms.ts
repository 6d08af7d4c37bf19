import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, nothing, nullable } from '../shared.ts';
import { remotePublicRooms } from './shapes/public-rooms.ts';

export const queryPublicRooms = endpoint({
  id: 'federation.queryPublicRooms',
  summary: 'Search the directory of this server',
  source: 'server-server',
  method: 'POST',
  paths: ['/_matrix/federation/v1/publicRooms'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
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
  response: remotePublicRooms,
});
