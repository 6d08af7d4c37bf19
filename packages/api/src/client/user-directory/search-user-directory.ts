import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const searchUserDirectory = endpoint({
  id: 'searchUserDirectory',
  summary: 'Search for users',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/user_directory/search'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: nothing,
  body: Type.Object({ search_term: Type.String(), limit: Type.Optional(nullable(count)) }),
  response: Type.Object({
    limited: Type.Boolean(),
    results: Type.Array(
      Type.Object({
        user_id: Type.String(),
        display_name: Type.Optional(nullable(Type.String())),
        avatar_url: Type.Optional(nullable(Type.String())),
      }),
    ),
  }),
});
