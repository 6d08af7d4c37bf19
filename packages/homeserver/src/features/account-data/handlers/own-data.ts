import { MatrixError } from '@myelin/api';
import { isRoomId } from '@myelin/protocol';
import type { Requester } from '../../../http/index.ts';

/** Throws M_FORBIDDEN unless the path names the requester, M_INVALID_PARAM if it names a room by what is no room id. */
export function checkOwn(params: { readonly userId: string; readonly roomId?: string }, requester: Requester): void {
  if (params.userId !== requester.userId) throw new MatrixError('M_FORBIDDEN', "That is another user's account data");
  if (params.roomId !== undefined && !isRoomId(params.roomId))
    throw new MatrixError('M_INVALID_PARAM', 'That is not a room id');
}
