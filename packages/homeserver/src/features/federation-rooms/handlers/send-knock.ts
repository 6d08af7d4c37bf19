import type { federation } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { MembershipTaking } from '../membership-taking.ts';

export function sendKnockHandler(memberships: MembershipTaking): Handler<typeof federation.sendKnock> {
  return async ({ params, body, origin }) =>
    rawJson(await memberships.knock({ ...params, event: body as JsonObject, origin }));
}
