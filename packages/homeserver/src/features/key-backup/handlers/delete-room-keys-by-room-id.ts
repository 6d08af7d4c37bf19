import type { deleteRoomKeysByRoomId } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';

export function deleteRoomKeysByRoomIdHandler(backups: KeyBackups): Handler<typeof deleteRoomKeysByRoomId> {
  return async ({ params, query, requester }) =>
    backups.deleteKeys(requester.user, query.version, { roomId: params.roomId });
}
