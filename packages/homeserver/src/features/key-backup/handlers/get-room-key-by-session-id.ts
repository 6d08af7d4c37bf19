import type { getRoomKeyBySessionId } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { BackupReader } from '../backup-reader.ts';

export function getRoomKeyBySessionIdHandler(reader: BackupReader): Handler<typeof getRoomKeyBySessionId> {
  return async ({ params, query, requester }) =>
    rawJson(await reader.session(requester.user, query.version, params.roomId, params.sessionId));
}
