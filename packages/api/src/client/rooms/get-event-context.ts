import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

export const getEventContext = endpoint({
  id: 'getEventContext',
  summary: 'What happened around an event',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/context/:eventId'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: Type.Object({ limit: Type.Optional(count), filter: Type.Optional(Type.String()) }),
  body: undefined,
  response: Type.Object({
    start: Type.Optional(Type.String()),
    end: Type.Optional(Type.String()),
    event: Type.Optional(clientEvent),
    events_before: Type.Optional(Type.Array(clientEvent)),
    events_after: Type.Optional(Type.Array(clientEvent)),
    state: Type.Optional(Type.Array(clientEvent)),
  }),
});
