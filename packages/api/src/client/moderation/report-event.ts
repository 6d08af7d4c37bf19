import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, integer, nothing, nullable, withMore } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const reportEvent = endpoint({
  id: 'reportEvent',
  summary: 'Report an event to the administrators',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/rooms/:roomId/report/:eventId'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ reason: Type.Optional(nullable(Type.String())), score: Type.Optional(integer) })),
  response: emptyObject,
  allowEmptyBody: true,
});
