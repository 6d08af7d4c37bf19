import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, withMore } from '../../shared.ts';

export const getWellknown = endpoint({
  id: 'getWellknown',
  summary: 'Where the client API of this server name is',
  source: 'client-server',
  method: 'GET',
  paths: ['/.well-known/matrix/client'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: withMore(
    Type.Object({
      'm.homeserver': Type.Object({ base_url: Type.String() }),
      'm.identity_server': Type.Optional(Type.Object({ base_url: Type.String() })),
    }),
  ),
});
