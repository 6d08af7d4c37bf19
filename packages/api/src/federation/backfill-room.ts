import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count } from '../shared.ts';
import { pdusAnswer } from './shapes/events.ts';

/** Older servers end the path with a slash. */
export const backfillRoom = endpoint({
  id: 'federation.backfillRoom',
  summary: 'Events before some events',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/backfill/:roomId', '/_matrix/federation/v1/backfill/:roomId/'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ v: Type.Array(Type.String()), limit: count }),
  body: undefined,
  response: pdusAnswer,
});
