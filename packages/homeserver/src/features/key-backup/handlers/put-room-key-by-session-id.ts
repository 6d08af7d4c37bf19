import type { putRoomKeyBySessionId } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { uploadedKeys } from '../uploaded-keys.ts';

export function putRoomKeyBySessionIdHandler(backups: KeyBackups): Handler<typeof putRoomKeyBySessionId> {
  return async ({ params, query, body, requester }) =>
    backups.add(
      requester.user,
      query.version,
      uploadedKeys([[params.roomId, Object.fromEntries([[params.sessionId, body]])]]),
    );
}
