import { MatrixError, type getAccountDataPerRoom } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { AccountData } from '../account-data.ts';
import type { Names } from '../../names/index.ts';
import { checkOwn } from './own-data.ts';

export function getAccountDataPerRoomHandler(
  accountData: AccountData,
  names: Names,
): Handler<typeof getAccountDataPerRoom> {
  return async ({ params, requester }) => {
    checkOwn(params, requester);
    const room = await names.findRoom(params.roomId);
    const content = room === undefined ? undefined : await accountData.get(requester.user, room, params.type);
    if (content === undefined) throw new MatrixError('M_NOT_FOUND', 'Room account data not found');
    return rawJson(content);
  };
}
