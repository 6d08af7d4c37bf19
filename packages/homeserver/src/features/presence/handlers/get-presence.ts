import type { getPresence } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Presence } from '../presence.ts';

export function getPresenceHandler(presence: Presence): Handler<typeof getPresence> {
  return async ({ params, requester }) => presence.status(requester, params.userId);
}
