import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const refresh = endpoint({
  id: 'refresh',
  summary: 'A new access token for a refresh token',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/refresh'),
  auth: 'none',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({ refresh_token: Type.String() }),
  response: Type.Object({
    access_token: Type.String(),
    refresh_token: Type.Optional(Type.String()),
    expires_in_ms: Type.Optional(count),
  }),
});
