import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPaths } from '../paths.ts';
import { backupChange, backupVersionQuery } from '../shapes/key-backup.ts';

export const deleteRoomKeyBySessionId = endpoint({
  id: 'deleteRoomKeyBySessionId',
  summary: 'Delete the key of one session from a backup',
  source: 'client-server',
  method: 'DELETE',
  paths: clientPaths('/room_keys/keys/:roomId/:sessionId'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String(), sessionId: Type.String() }),
  query: backupVersionQuery,
  body: undefined,
  response: backupChange,
});
