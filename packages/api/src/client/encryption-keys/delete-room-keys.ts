import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { backupChange, backupVersionQuery } from '../shapes/key-backup.ts';

export const deleteRoomKeys = endpoint({
  id: 'deleteRoomKeys',
  summary: 'Delete all keys from a backup',
  source: 'client-server',
  method: 'DELETE',
  paths: clientPaths('/room_keys/keys'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: backupVersionQuery,
  body: undefined,
  response: backupChange,
});
