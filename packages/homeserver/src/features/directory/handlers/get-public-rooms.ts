import { MatrixError, type getPublicRooms } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { PublicRooms } from '../public-rooms.ts';

export function getPublicRoomsHandler(
  rooms: PublicRooms,
  serverName: string,
  withoutAuth: boolean,
): Handler<typeof getPublicRooms> {
  return async ({ query, optionalRequester }) => {
    if (!optionalRequester && !withoutAuth) throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
    const wanted = {
      limit: query.limit,
      since: query.since,
      searchTerm: undefined,
      roomTypes: undefined,
      network: undefined,
    };
    if (!query.server || query.server === serverName) return rooms.page(wanted);
    // Nobody from outside makes this server call others.
    if (!optionalRequester) throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
    return rooms.pageOf(query.server, wanted);
  };
}
