import type { logout } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Logout } from '../logout.ts';

export function logoutHandler(logouts: Logout): Handler<typeof logout> {
  return async ({ requester }) => {
    await logouts.one(requester);
    return {};
  };
}
