import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipTemplates } from '../membership-templates.ts';

export function makeJoinHandler(templates: MembershipTemplates): Handler<typeof federation.makeJoin> {
  return async ({ params, query, origin }) => ({
    ...(await templates.join(origin, params.roomId, params.userId, query.ver ?? ['1'])),
  });
}
