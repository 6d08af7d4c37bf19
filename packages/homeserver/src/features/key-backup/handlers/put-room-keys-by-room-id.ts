import type { putRoomKeysByRoomId } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { uploadedKeys } from '../uploaded-keys.ts';

export function putRoomKeysByRoomIdHandler(backups: KeyBackups): Handler<typeof putRoomKeysByRoomId> {
  return async ({ params, query, body, requester }) =>
    backups.add(requester.user, query.version, uploadedKeys([[params.roomId, body.sessions]]));
}
