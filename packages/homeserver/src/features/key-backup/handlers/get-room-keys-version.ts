import type { getRoomKeysVersion } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { backupAnswer } from './backup-answer.ts';

export function getRoomKeysVersionHandler(backups: KeyBackups): Handler<typeof getRoomKeysVersion> {
  return async ({ params, requester }) => backupAnswer(await backups.get(requester.user, params.version));
}
