import type { deleteRoomKeysVersion } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';

export function deleteRoomKeysVersionHandler(backups: KeyBackups): Handler<typeof deleteRoomKeysVersion> {
  return async ({ params, requester }) => {
    await backups.delete(requester.user, params.version);
    return {};
  };
}
