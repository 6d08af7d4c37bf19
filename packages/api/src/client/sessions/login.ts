import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const login = endpoint({
  id: 'login',
  summary: 'Log in',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/login'),
  auth: 'none',
  rateLimit: 'login',
  params: nothing,
  query: nothing,
  body: Type.Object({
    type: Type.String(),
    identifier: Type.Optional(withMore(Type.Object({ type: Type.String() }))),
    password: Type.Optional(Type.String()),
    token: Type.Optional(Type.String()),
    user: Type.Optional(nullable(Type.String())),
    medium: Type.Optional(nullable(Type.String())),
    address: Type.Optional(nullable(Type.String())),
    device_id: Type.Optional(nullable(Type.String())),
    initial_device_display_name: Type.Optional(nullable(Type.String())),
    refresh_token: Type.Optional(Type.Boolean()),
  }),
  response: Type.Object({
    user_id: Type.String(),
    access_token: Type.String(),
    device_id: Type.String(),
    expires_in_ms: Type.Optional(count),
    refresh_token: Type.Optional(Type.String()),
    home_server: Type.Optional(Type.String()),
    well_known: Type.Optional(jsonObject),
  }),
});
