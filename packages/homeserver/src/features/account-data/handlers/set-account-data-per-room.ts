import type { setAccountDataPerRoom } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { AccountData } from '../account-data.ts';
import { checkOwn } from './own-data.ts';

export function setAccountDataPerRoomHandler(accountData: AccountData): Handler<typeof setAccountDataPerRoom> {
  return async ({ params, body, requester }) => {
    checkOwn(params, requester);
    await accountData.set(requester.user, params.roomId, params.type, body as JsonObject);
    return {};
  };
}
