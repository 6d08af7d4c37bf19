import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const postRoomKeysVersion = endpoint({
  id: 'postRoomKeysVersion',
  summary: 'Begin a key backup',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/room_keys/version'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({ algorithm: Type.String(), auth_data: jsonObject }),
  response: Type.Object({ version: Type.String() }),
});
