import { MatrixError } from '@myelin/api';
import type { InviteRules } from '@myelin/protocol';
import type { UserNid } from '../names/index.ts';
import type { InviteCheck } from './membership.ts';

/** Whose invites users want. Implemented by `features/account-data`. */
export interface InviteWishes {
  /** What becomes of an invite by its sender, a user id. */
  inviteRules(user: UserNid): Promise<InviteRules>;
}

/** Nobody is invited who doesn't want to be (`m.invite_permission_config`). Client-Server API §"Invite permission". */
export function invitePermissionCheck(wishes: InviteWishes): InviteCheck {
  return async (requester, target) => {
    if (target === undefined || requester.isAdmin) return;
    if ((await wishes.inviteRules(target))(requester.userId) === 'block') {
      throw new MatrixError('M_INVITE_BLOCKED', 'You are not permitted to invite this user.');
    }
  };
}
