import type { kick } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function kickHandler(membership: MembershipService): Handler<typeof kick> {
  return async ({ params, body, requester }) => {
    await membership.kick(requester, params.roomId, body.user_id, reasonOf(body));
    return {};
  };
}
