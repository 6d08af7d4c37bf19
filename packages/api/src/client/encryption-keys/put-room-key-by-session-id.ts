import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPaths } from '../paths.ts';
import { backedUpSession, backupChange, backupVersionQuery } from '../shapes/key-backup.ts';

export const putRoomKeyBySessionId = endpoint({
  id: 'putRoomKeyBySessionId',
  summary: 'Store the key of one session in a backup',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/room_keys/keys/:roomId/:sessionId'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String(), sessionId: Type.String() }),
  query: backupVersionQuery,
  body: backedUpSession,
  response: backupChange,
});
