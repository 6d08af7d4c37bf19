import { MatrixError } from '@myelin/api';
import type { UserNid } from '../names/index.ts';
import type { InviteCheck } from './membership.ts';

/** Who wants no invites. Implemented by `features/account-data`. */
export interface InviteWishes {
  blocksInvites(user: UserNid): Promise<boolean>;
}

/** Nobody is invited who doesn't want to be (`m.invite_permission_config`). Client-Server API §"Invite permission". */
export function invitePermissionCheck(wishes: InviteWishes): InviteCheck {
  return async (requester, target) => {
    if (target === undefined || requester.isAdmin) return;
    if (await wishes.blocksInvites(target)) {
      throw new MatrixError('M_INVITE_BLOCKED', 'You are not permitted to invite this user.');
    }
  };
}
