import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPaths } from '../paths.ts';
import { backedUpRoom, backupVersionQuery } from '../shapes/key-backup.ts';

export const getRoomKeysByRoomId = endpoint({
  id: 'getRoomKeysByRoomId',
  summary: 'Read the keys of one room from a backup',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/room_keys/keys/:roomId'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: backupVersionQuery,
  body: undefined,
  response: backedUpRoom,
});
