import { MatrixError, type getPublicRooms } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PublicRooms } from '../public-rooms.ts';
import { requireOwnServer } from './require-own-server.ts';

export function getPublicRoomsHandler(
  rooms: PublicRooms,
  serverName: string,
  withoutAuth: boolean,
): Handler<typeof getPublicRooms> {
  return async ({ query, optionalRequester }) => {
    if (!optionalRequester && !withoutAuth) throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
    requireOwnServer(query.server, serverName);
    return rooms.page({
      limit: query.limit,
      since: query.since,
      searchTerm: undefined,
      roomTypes: undefined,
      network: undefined,
    });
  };
}
