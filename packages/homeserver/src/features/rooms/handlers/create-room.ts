import type { createRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomCreator, RoomRequest } from '../room-creator.ts';

export function createRoomHandler(rooms: RoomCreator): Handler<typeof createRoom> {
  return async ({ body, requester }) => ({ room_id: await rooms.create(requester, body as RoomRequest) });
}
