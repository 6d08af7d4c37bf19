import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const getLoginFlows = endpoint({
  id: 'getLoginFlows',
  summary: 'The ways to log in',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/login'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    flows: Type.Array(
      Type.Object({
        type: Type.String(),
        get_login_token: Type.Optional(Type.Boolean()),
        identity_providers: Type.Optional(Type.Array(jsonObject)),
      }),
    ),
  }),
});
