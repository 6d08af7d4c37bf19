import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent, ephemeralEvent } from '../shapes/events.ts';

export const roomInitialSync = endpoint({
  id: 'roomInitialSync',
  summary: 'A room as it is now, with its last events',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/initialSync'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ limit: Type.Optional(count) }),
  body: undefined,
  response: Type.Object({
    room_id: Type.String(),
    membership: Type.Optional(Type.String()),
    visibility: Type.Optional(oneOf(['public', 'private'])),
    state: Type.Optional(Type.Array(clientEvent)),
    account_data: Type.Optional(Type.Array(ephemeralEvent)),
    messages: Type.Optional(
      Type.Object({ start: Type.Optional(Type.String()), end: Type.String(), chunk: Type.Array(clientEvent) }),
    ),
  }),
});
