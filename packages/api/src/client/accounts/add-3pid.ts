import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';
import { clientSecret } from '../shapes/third-party-ids.ts';

export const add3PID = endpoint({
  id: 'add3PID',
  summary: 'Add a third-party identifier',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/3pid/add'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({ auth: Type.Optional(authenticationData), client_secret: clientSecret, sid: Type.String() }),
  response: emptyObject,
});
