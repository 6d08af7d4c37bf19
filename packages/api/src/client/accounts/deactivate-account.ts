import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, nullable, oneOf } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';

export const deactivateAccount = endpoint({
  id: 'deactivateAccount',
  summary: 'Deactivate the account for ever',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/deactivate'),
  auth: 'optional',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({
    auth: Type.Optional(authenticationData),
    erase: Type.Optional(Type.Boolean()),
    id_server: Type.Optional(nullable(Type.String())),
  }),
  response: Type.Object({ id_server_unbind_result: oneOf(['success', 'no-support']) }),
});
