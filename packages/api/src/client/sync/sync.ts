import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, oneOf } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { syncResponse } from '../shapes/sync.ts';

/** `timeout` in milliseconds. The filter is the id of a stored one, or JSON. */
export const sync = endpoint({
  id: 'sync',
  summary: 'What has happened since',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/sync'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({
    filter: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    full_state: Type.Optional(Type.Boolean()),
    set_presence: Type.Optional(oneOf(['offline', 'online', 'unavailable'])),
    timeout: Type.Optional(count),
    use_state_after: Type.Optional(Type.Boolean()),
    'org.matrix.msc4222.use_state_after': Type.Optional(Type.Boolean()),
  }),
  body: undefined,
  response: syncResponse,
});
