import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, jsonObject, nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const putRoomKeysVersion = endpoint({
  id: 'putRoomKeysVersion',
  summary: 'Change what authenticates a key backup',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/room_keys/version/:version'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ version: Type.String() }),
  query: nothing,
  body: Type.Object({
    algorithm: Type.String(),
    auth_data: jsonObject,
    version: Type.Optional(nullable(Type.String())),
  }),
  response: emptyObject,
});
