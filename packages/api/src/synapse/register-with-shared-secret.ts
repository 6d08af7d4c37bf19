import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, nothing, nullable } from '../shared.ts';

export const registerWithSharedSecret = endpoint({
  id: 'registerWithSharedSecret',
  summary: 'Register an account, proving to know the shared secret',
  source: 'synapse',
  method: 'POST',
  paths: ['/_synapse/admin/v1/register'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({
    nonce: Type.String(),
    username: Type.String({ maxLength: 512 }),
    password: Type.String({ maxLength: 512 }),
    mac: Type.String(),
    admin: Type.Optional(nullable(Type.Boolean())),
    displayname: Type.Optional(nullable(Type.String())),
    user_type: Type.Optional(nullable(Type.String())),
    refresh_token: Type.Optional(Type.Boolean()),
    inhibit_login: Type.Optional(Type.Boolean()),
    device_id: Type.Optional(nullable(Type.String())),
    initial_device_display_name: Type.Optional(nullable(Type.String())),
  }),
  response: Type.Object({
    user_id: Type.String(),
    home_server: Type.Optional(Type.String()),
    access_token: Type.Optional(Type.String()),
    device_id: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String()),
    expires_in_ms: Type.Optional(count),
  }),
});
