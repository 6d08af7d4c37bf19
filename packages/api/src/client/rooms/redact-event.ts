import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const redactEvent = endpoint({
  id: 'redactEvent',
  summary: 'Redact an event',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/rooms/:roomId/redact/:eventId/:txnId'),
  auth: 'user',
  rateLimit: 'redaction',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String(), txnId: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ reason: Type.Optional(nullable(Type.String())) })),
  response: Type.Object({ event_id: Type.String() }),
  allowEmptyBody: true,
});
