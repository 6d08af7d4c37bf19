import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, nullable, oneOf } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { authenticationData } from '../shapes/authentication-data.ts';

export const register = endpoint({
  id: 'register',
  summary: 'Register an account',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/register'),
  auth: 'none',
  rateLimit: 'registration',
  params: nothing,
  query: Type.Object({ kind: Type.Optional(oneOf(['user', 'guest'])) }),
  body: Type.Object({
    auth: Type.Optional(authenticationData),
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String({ maxLength: 512 })),
    device_id: Type.Optional(nullable(Type.String())),
    initial_device_display_name: Type.Optional(nullable(Type.String())),
    inhibit_login: Type.Optional(Type.Boolean()),
    refresh_token: Type.Optional(Type.Boolean()),
    type: Type.Optional(Type.String()),
    guest_access_token: Type.Optional(Type.String()),
  }),
  response: Type.Object({
    user_id: Type.String(),
    access_token: Type.Optional(Type.String()),
    device_id: Type.Optional(Type.String()),
    expires_in_ms: Type.Optional(count),
    refresh_token: Type.Optional(Type.String()),
    home_server: Type.Optional(Type.String()),
  }),
  allowEmptyBody: true,
});
