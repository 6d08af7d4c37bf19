import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, nullable, oneOf } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const delete3pidFromAccount = endpoint({
  id: 'delete3pidFromAccount',
  summary: 'Remove a third-party identifier',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/3pid/delete'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({
    medium: oneOf(['email', 'msisdn']),
    address: Type.String(),
    id_server: Type.Optional(nullable(Type.String())),
  }),
  response: Type.Object({ id_server_unbind_result: oneOf(['success', 'no-support']) }),
});
