import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

/** The specification requires `dir`; clients leave it out for forwards, as Synapse lets them. */
export const getRoomEvents = endpoint({
  id: 'getRoomEvents',
  summary: 'A page of the history of a room',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/messages'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({
    from: Type.Optional(Type.String()),
    to: Type.Optional(Type.String()),
    dir: Type.Optional(oneOf(['b', 'f'])),
    limit: Type.Optional(count),
    filter: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: Type.Object({
    start: Type.String(),
    end: Type.Optional(Type.String()),
    chunk: Type.Array(clientEvent),
    state: Type.Optional(Type.Array(clientEvent)),
  }),
});
