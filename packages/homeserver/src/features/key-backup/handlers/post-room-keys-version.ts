import type { postRoomKeysVersion } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { jsonText } from '../uploaded-keys.ts';

export function postRoomKeysVersionHandler(backups: KeyBackups): Handler<typeof postRoomKeysVersion> {
  return async ({ body, requester }) => ({
    version: await backups.create(requester.user, body.algorithm, jsonText(body.auth_data)),
  });
}
