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
  // Required, but who lacks it is told so as Synapse does.
  query: Type.Object({ access_token: Type.Optional(Type.String()) }),
  body: undefined,
  response: Type.Object({ sub: Type.String() }),
});
