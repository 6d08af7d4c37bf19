import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getFilter = endpoint({
  id: 'getFilter',
  summary: 'A stored filter',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/user/:userId/filter/:filterId'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), filterId: Type.String() }),
  query: nothing,
  body: undefined,
  response: jsonObject,
});
