import type { redactEventWithoutTransaction } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { eventContent, type RoomEvents } from '../room-events.ts';

export function redactEventWithoutTransactionHandler(
  events: RoomEvents,
): Handler<typeof redactEventWithoutTransaction> {
  return async ({ params, body, requester }) => ({
    event_id: await events.redact(requester, params.roomId, params.eventId, eventContent(body)),
  });
}
