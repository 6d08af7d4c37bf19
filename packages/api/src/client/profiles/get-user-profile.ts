import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** Whether a token is needed is configured (`require_auth_for_profile_requests`). */
export const getUserProfile = endpoint({
  id: 'getUserProfile',
  summary: 'The profile of a user',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/profile/:userId'),
  auth: 'optional',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: undefined,
  response: withMore(
    Type.Object({
      displayname: Type.Optional(Type.String()),
      avatar_url: Type.Optional(Type.String()),
      'm.tz': Type.Optional(Type.String()),
    }),
  ),
});
