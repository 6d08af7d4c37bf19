import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const checkUsernameAvailability = endpoint({
  id: 'checkUsernameAvailability',
  summary: 'Is a user name free',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/register/available'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: Type.Object({ username: Type.String() }),
  body: undefined,
  response: Type.Object({ available: Type.Boolean() }),
});
