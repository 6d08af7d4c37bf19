import type { ban } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipService } from '../membership.ts';
import { reasonOf } from './reason.ts';

export function banHandler(membership: MembershipService): Handler<typeof ban> {
  return async ({ params, body, requester, request }) => {
    await membership.treat(
      requester,
      'ban',
      { roomId: params.roomId, target: body.user_id },
      reasonOf(body),
      request.signal,
    );
    return {};
  };
}
