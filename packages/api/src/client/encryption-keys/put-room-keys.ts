import { endpoint } from '../../endpoint.ts';
import { largeBody, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { backedUpRooms, backupChange, backupVersionQuery } from '../shapes/key-backup.ts';

export const putRoomKeys = endpoint({
  id: 'putRoomKeys',
  summary: 'Store keys in a backup',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/room_keys/keys'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: backupVersionQuery,
  body: backedUpRooms,
  response: backupChange,
  bodyLimit: largeBody,
});
