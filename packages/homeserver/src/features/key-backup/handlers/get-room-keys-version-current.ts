import type { getRoomKeysVersionCurrent } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { KeyBackups } from '../key-backups.ts';
import { backupAnswer } from './backup-answer.ts';

export function getRoomKeysVersionCurrentHandler(backups: KeyBackups): Handler<typeof getRoomKeysVersionCurrent> {
  return async ({ requester }) => backupAnswer(await backups.current(requester.user));
}
