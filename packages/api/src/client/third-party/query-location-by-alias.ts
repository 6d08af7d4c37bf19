import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const queryLocationByAlias = endpoint({
  id: 'queryLocationByAlias',
  summary: 'The place on a network behind an alias',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/thirdparty/location'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ alias: Type.String() }),
  body: undefined,
  response: Type.Array(Type.Object({ alias: Type.String(), protocol: Type.String(), fields: jsonObject })),
});
