import type { sendMessageWithoutTransaction } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { eventContent, type RoomEvents } from '../room-events.ts';

export function sendMessageWithoutTransactionHandler(
  events: RoomEvents,
): Handler<typeof sendMessageWithoutTransaction> {
  return async ({ params, body, requester }) => ({
    event_id: await events.sendMessage(requester, params.roomId, params.eventType, eventContent(body)),
  });
}
