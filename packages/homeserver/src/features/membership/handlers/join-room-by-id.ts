import type { joinRoomById } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { joinContent } from './join-content.ts';

export function joinRoomByIdHandler(membership: MembershipService): Handler<typeof joinRoomById> {
  return async ({ params, body, requester }) => {
    await membership.join(requester, params.roomId, joinContent(body));
    return { room_id: params.roomId };
  };
}
