import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipTemplates } from '../membership-templates.ts';

export function makeKnockHandler(templates: MembershipTemplates): Handler<typeof federation.makeKnock> {
  return async ({ params, query, origin }) => ({
    ...(await templates.knock(origin, params.roomId, params.userId, query.ver)),
  });
}
