import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPaths } from '../paths.ts';
import { backupChange, backupVersionQuery } from '../shapes/key-backup.ts';

export const deleteRoomKeysByRoomId = endpoint({
  id: 'deleteRoomKeysByRoomId',
  summary: 'Delete the keys of one room from a backup',
  source: 'client-server',
  method: 'DELETE',
  paths: clientPaths('/room_keys/keys/:roomId'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: backupVersionQuery,
  body: undefined,
  response: backupChange,
});
