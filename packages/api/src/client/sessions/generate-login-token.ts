import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';

export const generateLoginToken = endpoint({
  id: 'generateLoginToken',
  summary: 'A token that logs another device in',
  source: 'client-server',
  method: 'POST',
  paths: [
    ...clientPathsIn(['v1'], '/login/get_token'),
    ...clientPathsIn(['unstable'], '/org.matrix.msc3882/login/token'),
  ],
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({ auth: Type.Optional(authenticationData) }),
  response: Type.Object({ login_token: Type.String(), expires_in_ms: count }),
  allowEmptyBody: true,
});
