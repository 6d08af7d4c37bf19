import type { deleteAccountDataPerRoom } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { AccountData } from '../account-data.ts';
import { checkOwn } from './own-data.ts';

export function deleteAccountDataPerRoomHandler(accountData: AccountData): Handler<typeof deleteAccountDataPerRoom> {
  return async ({ params, requester }) => {
    checkOwn(params, requester);
    await accountData.delete(requester.user, params.roomId, params.type);
    return {};
  };
}
