import type { queryPublicRooms } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PublicRooms } from '../public-rooms.ts';
import { requireOwnServer } from './require-own-server.ts';

export function queryPublicRoomsHandler(rooms: PublicRooms, serverName: string): Handler<typeof queryPublicRooms> {
  return async ({ query, body }) => {
    requireOwnServer(query.server, serverName);
    return rooms.page({
      limit: body.limit ?? undefined,
      since: body.since ?? undefined,
      searchTerm: body.filter?.generic_search_term ?? undefined,
      roomTypes: body.filter?.room_types ?? undefined,
      network: body.third_party_instance_id ?? undefined,
    });
  };
}
