import type { getRoomKeys } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { BackupReader } from '../backup-reader.ts';
import { streamedJson } from './streamed-json.ts';

export function getRoomKeysHandler(reader: BackupReader): Handler<typeof getRoomKeys> {
  return async ({ query, requester }) => streamedJson(await reader.all(requester.user, query.version));
}
