import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';

export const deleteDevice = endpoint({
  id: 'deleteDevice',
  summary: 'Log a device out and delete it',
  source: 'client-server',
  method: 'DELETE',
  paths: clientPaths('/devices/:deviceId'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ deviceId: Type.String() }),
  query: nothing,
  body: Type.Object({ auth: Type.Optional(authenticationData) }),
  response: emptyObject,
  allowEmptyBody: true,
});
