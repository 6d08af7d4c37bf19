import type { deleteAccountData } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { AccountData } from '../account-data.ts';
import { checkOwn } from './own-data.ts';

export function deleteAccountDataHandler(accountData: AccountData): Handler<typeof deleteAccountData> {
  return async ({ params, requester }) => {
    checkOwn(params, requester);
    await accountData.delete(requester.user, undefined, params.type);
    return {};
  };
}
