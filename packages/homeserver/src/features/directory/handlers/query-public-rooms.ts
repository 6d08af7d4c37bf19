import type { queryPublicRooms } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PublicRooms } from '../public-rooms.ts';

export function queryPublicRoomsHandler(rooms: PublicRooms, serverName: string): Handler<typeof queryPublicRooms> {
  return async ({ query, body }) => {
    const wanted = {
      limit: body.limit ?? undefined,
      since: body.since ?? undefined,
      searchTerm: body.filter?.generic_search_term ?? undefined,
      roomTypes: body.filter?.room_types ?? undefined,
      network: body.third_party_instance_id ?? undefined,
    };
    return !query.server || query.server === serverName ? rooms.page(wanted) : rooms.pageOf(query.server, wanted);
  };
}
