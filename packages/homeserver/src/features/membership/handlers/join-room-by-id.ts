import type { joinRoomById } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function joinRoomByIdHandler(membership: MembershipService): Handler<typeof joinRoomById> {
  return async ({ params, body, requester }) => {
    await membership.join(requester, params.roomId, reasonOf(body));
    return { room_id: params.roomId };
  };
}
