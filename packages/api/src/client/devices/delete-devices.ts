import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';

export const deleteDevices = endpoint({
  id: 'deleteDevices',
  summary: 'Log devices out and delete them',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/delete_devices'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({ auth: Type.Optional(authenticationData), devices: Type.Array(Type.String()) }),
  response: emptyObject,
});
