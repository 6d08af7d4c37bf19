import type { leaveRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function leaveRoomHandler(membership: MembershipService): Handler<typeof leaveRoom> {
  return async ({ params, body, requester }) => {
    await membership.leave(requester, params.roomId, reasonOf(body));
    return {};
  };
}
