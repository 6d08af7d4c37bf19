import { MatrixError, type getAccountData } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { AccountData } from '../account-data.ts';
import { checkOwn } from './own-data.ts';

export function getAccountDataHandler(accountData: AccountData): Handler<typeof getAccountData> {
  return async ({ params, requester }) => {
    checkOwn(params, requester);
    const content = await accountData.get(requester.user, undefined, params.type);
    if (content === undefined) throw new MatrixError('M_NOT_FOUND', 'Account data not found');
    return rawJson(content);
  };
}
