import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

export const getOneEvent = endpoint({
  id: 'getOneEvent',
  summary: 'One event, whatever its room (deprecated)',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/events/:eventId'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ eventId: Type.String() }),
  query: nothing,
  body: undefined,
  response: clientEvent,
});
