import type { getJoinedMembersByRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getJoinedMembersByRoomHandler(history: RoomHistory): Handler<typeof getJoinedMembersByRoom> {
  return async ({ params, requester }) => ({ joined: await history.joinedMembers(requester, params.roomId) });
}
