import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PublicRooms } from '../../directory/index.ts';
import { listed } from './listed.ts';
import { requireAllowed } from './require-allowed.ts';

export function getPublicRoomsHandler(
  rooms: PublicRooms,
  isAllowed: boolean,
): Handler<typeof federation.getPublicRooms> {
  return async ({ query, origin }) => {
    requireAllowed(isAllowed, origin);
    const { limit, since, third_party_instance_id: network } = query;
    return listed(await rooms.page({ limit, since, searchTerm: undefined, roomTypes: undefined, network }, true));
  };
}
