import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const registrationTokenValidity = endpoint({
  id: 'registrationTokenValidity',
  summary: 'Is a registration token valid',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1', 'unstable'], '/register/m.login.registration_token/validity'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: Type.Object({ token: Type.String() }),
  body: undefined,
  response: Type.Object({ valid: Type.Boolean() }),
});
