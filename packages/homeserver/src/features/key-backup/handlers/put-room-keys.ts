import type { putRoomKeys } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { uploadedKeys } from '../uploaded-keys.ts';

export function putRoomKeysHandler(backups: KeyBackups): Handler<typeof putRoomKeys> {
  return async ({ query, body, requester }) =>
    backups.add(
      requester.user,
      query.version,
      uploadedKeys(Object.entries(body.rooms).map(([roomId, { sessions }]) => [roomId, sessions])),
    );
}
