import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, nullable, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const getPresence = endpoint({
  id: 'getPresence',
  summary: 'Is a user there',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/presence/:userId/status'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({
    presence: oneOf(['online', 'offline', 'unavailable']),
    status_msg: Type.Optional(nullable(Type.String())),
    last_active_ago: Type.Optional(count),
    currently_active: Type.Optional(Type.Boolean()),
  }),
});
