import type { getJoinedMembersByRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomContents } from '../room-contents.ts';

export function getJoinedMembersByRoomHandler(contents: RoomContents): Handler<typeof getJoinedMembersByRoom> {
  return async ({ params, requester, request }) => ({
    joined: await contents.joinedMembers(requester, params.roomId, request.signal),
  });
}
