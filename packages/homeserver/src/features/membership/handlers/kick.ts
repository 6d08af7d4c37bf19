import type { kick } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function kickHandler(membership: MembershipService): Handler<typeof kick> {
  return async ({ params, body, requester, request }) => {
    await membership.treat(
      requester,
      'kick',
      { roomId: params.roomId, target: body.user_id },
      reasonOf(body),
      request.signal,
    );
    return {};
  };
}
