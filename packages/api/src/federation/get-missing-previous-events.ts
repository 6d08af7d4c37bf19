import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, integer, nothing } from '../shared.ts';
import { pdus } from './shapes/events.ts';

export const getMissingPreviousEvents = endpoint({
  id: 'federation.getMissingPreviousEvents',
  summary: 'Events between those one has and those one got',
  source: 'server-server',
  method: 'POST',
  paths: ['/_matrix/federation/v1/get_missing_events/:roomId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: Type.Object({
    earliest_events: Type.Array(Type.String()),
    latest_events: Type.Array(Type.String()),
    limit: Type.Optional(count),
    min_depth: Type.Optional(integer),
  }),
  response: Type.Object({ events: pdus }),
});
