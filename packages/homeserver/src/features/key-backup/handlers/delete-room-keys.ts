import type { deleteRoomKeys } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';

export function deleteRoomKeysHandler(backups: KeyBackups): Handler<typeof deleteRoomKeys> {
  return async ({ query, requester }) => backups.deleteKeys(requester.user, query.version, {});
}
