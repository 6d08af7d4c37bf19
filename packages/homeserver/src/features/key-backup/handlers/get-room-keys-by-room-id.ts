import type { getRoomKeysByRoomId } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { BackupReader } from '../backup-reader.ts';
import { streamedJson } from './streamed-json.ts';

export function getRoomKeysByRoomIdHandler(reader: BackupReader): Handler<typeof getRoomKeysByRoomId> {
  return async ({ params, query, requester }) =>
    streamedJson(await reader.room(requester.user, query.version, params.roomId));
}
