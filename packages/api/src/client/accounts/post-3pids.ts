import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const post3PIDs = endpoint({
  id: 'post3PIDs',
  summary: 'Add a third-party identifier (deprecated)',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/3pid'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({
    three_pid_creds: Type.Object({
      client_secret: Type.String(),
      sid: Type.String(),
      id_server: Type.Optional(Type.String()),
      id_access_token: Type.Optional(Type.String()),
    }),
  }),
  response: Type.Object({ submit_url: Type.Optional(Type.String()) }),
});
