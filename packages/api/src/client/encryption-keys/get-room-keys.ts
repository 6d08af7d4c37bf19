import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { backedUpRooms, backupVersionQuery } from '../shapes/key-backup.ts';

export const getRoomKeys = endpoint({
  id: 'getRoomKeys',
  summary: 'Read all keys from a backup',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/room_keys/keys'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: backupVersionQuery,
  body: undefined,
  response: backedUpRooms,
});
