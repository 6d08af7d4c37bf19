import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { backupVersion } from '../shapes/key-backup.ts';

export const getRoomKeysVersion = endpoint({
  id: 'getRoomKeysVersion',
  summary: 'A key backup',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/room_keys/version/:version'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ version: Type.String() }),
  query: nothing,
  body: undefined,
  response: backupVersion,
});
