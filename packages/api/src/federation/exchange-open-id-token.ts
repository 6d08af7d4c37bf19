import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const exchangeOpenIdToken = endpoint({
  id: 'federation.exchangeOpenIdToken',
  summary: 'Whose OpenID token this is',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/openid/userinfo'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ access_token: Type.String() }),
  body: undefined,
  response: Type.Object({ sub: Type.String() }),
});
