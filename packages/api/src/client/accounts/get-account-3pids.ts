import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, oneOf } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getAccount3PIDs = endpoint({
  id: 'getAccount3PIDs',
  summary: 'The third-party identifiers of the account',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/account/3pid'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    threepids: Type.Array(
      Type.Object({ medium: oneOf(['email', 'msisdn']), address: Type.String(), validated_at: count, added_at: count }),
    ),
  }),
});
