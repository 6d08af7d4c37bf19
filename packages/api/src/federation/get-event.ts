import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';
import { pdusAnswer } from './shapes/events.ts';

/** Older servers end the path with a slash. */
export const getEvent = endpoint({
  id: 'federation.getEvent',
  summary: 'An event',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/event/:eventId', '/_matrix/federation/v1/event/:eventId/'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ eventId: Type.String() }),
  query: nothing,
  body: undefined,
  response: pdusAnswer,
});
