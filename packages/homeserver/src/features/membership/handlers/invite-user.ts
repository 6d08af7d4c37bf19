import { MatrixError, type inviteUser } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function inviteUserHandler(membership: MembershipService): Handler<typeof inviteUser> {
  return async ({ params, body, requester }) => {
    // Invites by e-mail or telephone go through an identity server, which this server doesn't talk to yet.
    if (body.user_id === undefined) throw new MatrixError('M_MISSING_PARAM', 'user_id is missing; invites by e-mail address are not supported yet');
    await membership.invite(requester, params.roomId, body.user_id, reasonOf(body));
    return {};
  };
}
