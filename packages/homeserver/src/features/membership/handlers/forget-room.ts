import type { forgetRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';

export function forgetRoomHandler(membership: MembershipService): Handler<typeof forgetRoom> {
  return async ({ params, requester }) => {
    await membership.forget(requester, params.roomId);
    return {};
  };
}
