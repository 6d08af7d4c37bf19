import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, nothing } from '../shared.ts';
import { remotePublicRooms } from './shapes/public-rooms.ts';

export const getPublicRooms = endpoint({
  id: 'federation.getPublicRooms',
  summary: 'The directory of this server',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/publicRooms'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    limit: Type.Optional(count),
    since: Type.Optional(Type.String()),
    include_all_networks: Type.Optional(Type.Boolean()),
    third_party_instance_id: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: remotePublicRooms,
});
