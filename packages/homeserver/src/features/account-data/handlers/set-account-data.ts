import type { setAccountData } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { AccountData } from '../account-data.ts';
import { checkOwn } from './own-data.ts';

export function setAccountDataHandler(accountData: AccountData): Handler<typeof setAccountData> {
  return async ({ params, body, requester }) => {
    checkOwn(params, requester);
    await accountData.set(requester.user, undefined, params.type, body as JsonObject);
    return {};
  };
}
