import type { federation } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { MembershipTaking } from '../membership-taking.ts';

export function sendJoinV2Handler(memberships: MembershipTaking): Handler<typeof federation.sendJoinV2> {
  return async ({ params, query, body, origin }) =>
    rawJson(await memberships.join({ ...params, event: body as JsonObject, origin }, query.omit_members === true));
}
