import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const queryUserByID = endpoint({
  id: 'queryUserByID',
  summary: 'The person on a network behind a user',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/thirdparty/user'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ userid: Type.String() }),
  body: undefined,
  response: Type.Array(Type.Object({ userid: Type.String(), protocol: Type.String(), fields: jsonObject })),
});
