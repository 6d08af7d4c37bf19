import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getAccountDataPerRoom = endpoint({
  id: 'getAccountDataPerRoom',
  summary: 'Account data of a room, of a type',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/user/:userId/rooms/:roomId/account_data/:type'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), roomId: Type.String(), type: Type.String() }),
  query: nothing,
  body: undefined,
  response: jsonObject,
});
