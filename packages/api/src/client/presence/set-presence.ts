import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const setPresence = endpoint({
  id: 'setPresence',
  summary: 'Say whether one is there',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/presence/:userId/status'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: Type.Object({
    presence: oneOf(['online', 'offline', 'unavailable']),
    status_msg: Type.Optional(nullable(Type.String())),
  }),
  response: emptyObject,
});
