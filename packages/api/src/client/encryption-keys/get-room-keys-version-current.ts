import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { backupVersion } from '../shapes/key-backup.ts';

export const getRoomKeysVersionCurrent = endpoint({
  id: 'getRoomKeysVersionCurrent',
  summary: 'The newest key backup',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/room_keys/version'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: undefined,
  response: backupVersion,
});
