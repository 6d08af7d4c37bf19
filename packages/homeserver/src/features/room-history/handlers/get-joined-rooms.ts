import type { getJoinedRooms } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getJoinedRoomsHandler(history: RoomHistory): Handler<typeof getJoinedRooms> {
  return async ({ requester }) => ({ joined_rooms: await history.joinedRooms(requester) });
}
