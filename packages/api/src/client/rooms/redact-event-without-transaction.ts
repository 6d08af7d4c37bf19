import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const redactEventWithoutTransaction = endpoint({
  id: 'redactEventWithoutTransaction',
  summary: 'Redact an event; a repeated request redacts it again',
  source: 'synapse',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/redact/:eventId'),
  auth: 'user',
  rateLimit: 'redaction',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ reason: Type.Optional(nullable(Type.String())) })),
  response: Type.Object({ event_id: Type.String() }),
  allowEmptyBody: true,
});
