import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, emptyObject, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const requestOpenIdToken = endpoint({
  id: 'requestOpenIdToken',
  summary: 'A token that proves to others who one is',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/user/:userId/openid/request_token'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: emptyObject,
  response: Type.Object({
    access_token: Type.String(),
    token_type: Type.String(),
    matrix_server_name: Type.String(),
    expires_in: count,
  }),
  allowEmptyBody: true,
});
