import type { joinRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomIdResolver } from '../../directory/index.ts';
import type { MembershipService } from '../membership.ts';
import { joinContent } from './join-content.ts';

export function joinRoomHandler(membership: MembershipService, directory: RoomIdResolver): Handler<typeof joinRoom> {
  return async ({ params, body, requester }) => {
    const roomId = await directory.roomId(params.roomIdOrAlias);
    await membership.join(requester, roomId, joinContent(body));
    return { room_id: roomId };
  };
}
