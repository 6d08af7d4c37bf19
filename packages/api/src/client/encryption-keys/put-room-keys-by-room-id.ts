import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { largeBody } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { backedUpRoom, backupChange, backupVersionQuery } from '../shapes/key-backup.ts';

export const putRoomKeysByRoomId = endpoint({
  id: 'putRoomKeysByRoomId',
  summary: 'Store the keys of one room in a backup',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/room_keys/keys/:roomId'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: backupVersionQuery,
  body: backedUpRoom,
  response: backupChange,
  bodyLimit: largeBody,
});
