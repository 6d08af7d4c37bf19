import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getAccountData = endpoint({
  id: 'getAccountData',
  summary: 'Account data of a type',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/user/:userId/account_data/:type'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), type: Type.String() }),
  query: nothing,
  body: undefined,
  response: jsonObject,
});
