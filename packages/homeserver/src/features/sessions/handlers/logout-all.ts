import type { logoutAll } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Logout } from '../logout.ts';

export function logoutAllHandler(logouts: Logout): Handler<typeof logoutAll> {
  return async ({ requester }) => {
    await logouts.all(requester.user);
    return {};
  };
}
