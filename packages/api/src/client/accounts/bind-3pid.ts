import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { clientSecret } from '../shapes/third-party-ids.ts';

export const bind3PID = endpoint({
  id: 'bind3PID',
  summary: 'Publish a third-party identifier on an identity server',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/3pid/bind'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({
    client_secret: clientSecret,
    sid: Type.String(),
    id_server: Type.String(),
    id_access_token: Type.String(),
  }),
  response: emptyObject,
});
