import type { federation } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { MembershipTaking } from '../membership-taking.ts';

export function sendJoinV1Handler(memberships: MembershipTaking): Handler<typeof federation.sendJoinV1> {
  return async ({ params, body, origin }) =>
    rawJson(`[200,${await memberships.join({ ...params, event: body as JsonObject, origin }, false)}]`);
}
