import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

/** The fields to look for are any query parameters. */
export const queryUserByProtocol = endpoint({
  id: 'queryUserByProtocol',
  summary: 'Users for a person on a network',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/thirdparty/user/:protocol'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ protocol: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Array(Type.Object({ userid: Type.String(), protocol: Type.String(), fields: jsonObject })),
});
