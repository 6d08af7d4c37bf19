import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';

/** The password may come with any stage of user-interactive authentication, so that it isn't required of each request. */
export const changePassword = endpoint({
  id: 'changePassword',
  summary: 'Change the password',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/account/password'),
  auth: 'optional',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({
    auth: Type.Optional(authenticationData),
    new_password: Type.Optional(Type.String({ maxLength: 512 })),
    logout_devices: Type.Optional(Type.Boolean()),
  }),
  response: emptyObject,
});
