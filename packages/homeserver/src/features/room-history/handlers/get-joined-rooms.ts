import type { getJoinedRooms } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomContents } from '../room-contents.ts';

export function getJoinedRoomsHandler(contents: RoomContents): Handler<typeof getJoinedRooms> {
  return async ({ requester }) => ({ joined_rooms: await contents.joinedRooms(requester) });
}
