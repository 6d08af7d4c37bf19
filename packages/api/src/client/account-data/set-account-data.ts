import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const setAccountData = endpoint({
  id: 'setAccountData',
  summary: 'Set account data',
  source: 'client-server',
  method: 'PUT',
  paths: clientPaths('/user/:userId/account_data/:type'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), type: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: emptyObject,
});
