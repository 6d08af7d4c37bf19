import type { sendMessage } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { eventContent, type RoomEvents } from '../room-events.ts';

export function sendMessageHandler(events: RoomEvents): Handler<typeof sendMessage> {
  return async ({ params, body, requester }) => ({
    event_id: await events.sendMessage(requester, params.roomId, params.eventType, eventContent(body), params.txnId),
  });
}
