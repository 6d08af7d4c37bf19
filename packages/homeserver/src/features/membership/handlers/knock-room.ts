import type { knockRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomIdResolver } from '../../directory/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function knockRoomHandler(membership: MembershipService, directory: RoomIdResolver): Handler<typeof knockRoom> {
  return async ({ params, body, requester }) => {
    const roomId = await directory.roomId(params.roomIdOrAlias);
    await membership.knock(requester, roomId, reasonOf(body));
    return { room_id: roomId };
  };
}
