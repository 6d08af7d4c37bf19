import type { federation } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { MembershipTaking } from '../membership-taking.ts';

export function sendLeaveV2Handler(memberships: MembershipTaking): Handler<typeof federation.sendLeaveV2> {
  return async ({ params, body, origin }) => {
    await memberships.leave({ ...params, event: body as JsonObject, origin });
    return {};
  };
}
