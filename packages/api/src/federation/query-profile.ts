import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing, nullable, withMore } from '../shared.ts';

export const queryProfile = endpoint({
  id: 'federation.queryProfile',
  summary: 'The profile of a user',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/query/profile'],
  auth: 'server',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ user_id: Type.String(), field: Type.Optional(Type.String()) }),
  body: undefined,
  response: withMore(
    Type.Object({
      displayname: Type.Optional(nullable(Type.String())),
      avatar_url: Type.Optional(nullable(Type.String())),
    }),
  ),
});
