import { MatrixError, type setPresence } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Presence } from '../presence.ts';

export function setPresenceHandler(presence: Presence): Handler<typeof setPresence> {
  return async ({ params, body, requester }) => {
    if (params.userId !== requester.userId) throw new MatrixError('M_FORBIDDEN', 'You can only set your own presence');
    await presence.set(requester, body.presence, body.status_msg || undefined);
    return {};
  };
}
