import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const deleteRoomKeysVersion = endpoint({
  id: 'deleteRoomKeysVersion',
  summary: 'Delete a key backup',
  source: 'client-server',
  method: 'DELETE',
  paths: clientPaths('/room_keys/version/:version'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ version: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
