import type { unban } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function unbanHandler(membership: MembershipService): Handler<typeof unban> {
  return async ({ params, body, requester, request }) => {
    await membership.treat(
      requester,
      'unban',
      { roomId: params.roomId, target: body.user_id },
      reasonOf(body),
      request.signal,
    );
    return {};
  };
}
