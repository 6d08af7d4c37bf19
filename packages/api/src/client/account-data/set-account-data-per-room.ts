import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const setAccountDataPerRoom = endpoint({
  id: 'setAccountDataPerRoom',
  summary: 'Set account data of a room',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/user/:userId/rooms/:roomId/account_data/:type'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), roomId: Type.String(), type: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: emptyObject,
});
