import type { deleteRoomKeyBySessionId } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';

export function deleteRoomKeyBySessionIdHandler(backups: KeyBackups): Handler<typeof deleteRoomKeyBySessionId> {
  return async ({ params, query, requester }) =>
    backups.deleteKeys(requester.user, query.version, { roomId: params.roomId, sessionId: params.sessionId });
}
