import type { ban } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function banHandler(membership: MembershipService): Handler<typeof ban> {
  return async ({ params, body, requester }) => {
    await membership.ban(requester, params.roomId, body.user_id, reasonOf(body));
    return {};
  };
}
