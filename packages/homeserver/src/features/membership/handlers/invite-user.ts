import { MatrixError, type inviteUser } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { noThirdPartyInvites } from '../third-party-invites.ts';
import { reasonOf } from './reason.ts';

export function inviteUserHandler(membership: MembershipService): Handler<typeof inviteUser> {
  return async ({ params, body, requester, request }) => {
    if (body.user_id === undefined) {
      if (body.medium !== undefined && body.address !== undefined) throw noThirdPartyInvites();
      throw new MatrixError('M_MISSING_PARAM', 'user_id is missing');
    }
    await membership.treat(
      requester,
      'invite',
      { roomId: params.roomId, target: body.user_id },
      reasonOf(body),
      request.signal,
    );
    return {};
  };
}
