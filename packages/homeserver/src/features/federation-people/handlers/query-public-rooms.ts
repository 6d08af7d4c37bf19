import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PublicRooms } from '../../directory/index.ts';
import { listed } from './listed.ts';
import { requireAllowed } from './require-allowed.ts';

export function queryPublicRoomsHandler(
  rooms: PublicRooms,
  isAllowed: boolean,
): Handler<typeof federation.queryPublicRooms> {
  return async ({ body, origin }) => {
    requireAllowed(isAllowed, origin);
    const wanted = {
      limit: body.limit ?? undefined,
      since: body.since ?? undefined,
      searchTerm: body.filter?.generic_search_term ?? undefined,
      roomTypes: body.filter?.room_types ?? undefined,
      network: body.third_party_instance_id ?? undefined,
    };
    return listed(await rooms.page(wanted, true));
  };
}
