import { MatrixError } from '@myelin/api';
import { getOwn, type JsonObject } from '@myelin/protocol';
import type { UserNid } from '../names/index.ts';
import type { InviteCheck } from './membership.ts';

/** What users keep for their account. Implemented by `features/account-data`. */
export interface GlobalAccountData {
  /** JSON text of the content. */
  get(user: UserNid, room: undefined, type: string): Promise<string | undefined>;
}

/** Nobody is invited who doesn't want to be (`m.invite_permission_config`). Client-Server API §"Invite permission". */
export function invitePermissionCheck(accountData: GlobalAccountData): InviteCheck {
  return async (requester, target) => {
    if (target === undefined || requester.isAdmin) return;
    const text = await accountData.get(target, undefined, 'm.invite_permission_config');
    if (text === undefined) return;
    if (getOwn(JSON.parse(text) as JsonObject, 'default_action') === 'block') {
      throw new MatrixError('M_INVITE_BLOCKED', 'You are not permitted to invite this user.');
    }
  };
}
