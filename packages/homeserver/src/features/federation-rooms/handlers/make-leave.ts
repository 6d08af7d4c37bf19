import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MembershipTemplates } from '../membership-templates.ts';

export function makeLeaveHandler(templates: MembershipTemplates): Handler<typeof federation.makeLeave> {
  return async ({ params, origin }) => ({ ...(await templates.leave(origin, params.roomId, params.userId)) });
}
