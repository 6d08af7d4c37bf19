import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getTokenOwner = endpoint({
  id: 'getTokenOwner',
  summary: 'Whose access token this is',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/account/whoami'),
  auth: 'user-or-guest',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    user_id: Type.String(),
    device_id: Type.Optional(Type.String()),
    is_guest: Type.Optional(Type.Boolean()),
  }),
});
