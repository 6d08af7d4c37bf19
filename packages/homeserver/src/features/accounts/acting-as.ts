import type { Requester } from '../../http/index.ts';
import type { KnownUser } from './password-checker.ts';

/** For what the server does in a user's name without a request of theirs: nothing of it is limited. */
export function actingAs(user: KnownUser): Requester {
  return {
    userId: user.userId,
    user: user.nid,
    deviceId: undefined,
    device: undefined,
    token: 0,
    isGuest: false,
    isAdmin: false,
    isSuspended: false,
    isExemptFromLimits: true,
  };
}
