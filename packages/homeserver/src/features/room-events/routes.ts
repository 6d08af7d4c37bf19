import {
  redactEvent,
  redactEventWithoutTransaction,
  sendMessage,
  sendMessageWithoutTransaction,
  setRoomStateWithKey,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { redactEventHandler } from './handlers/redact-event.ts';
import { redactEventWithoutTransactionHandler } from './handlers/redact-event-without-transaction.ts';
import { sendMessageHandler } from './handlers/send-message.ts';
import { sendMessageWithoutTransactionHandler } from './handlers/send-message-without-transaction.ts';
import { setRoomStateWithKeyHandler } from './handlers/set-room-state-with-key.ts';
import type { MemberStateSetter } from './member-state-setter.ts';
import type { RoomEvents } from './room-events.ts';

export function roomEventsRoutes(events: RoomEvents, members: MemberStateSetter): Route[] {
  return [
    route(sendMessage, sendMessageHandler(events)),
    route(setRoomStateWithKey, setRoomStateWithKeyHandler(events, members)),
    route(redactEvent, redactEventHandler(events)),
    // Old clients and scripts, as Synapse serves them.
    route(sendMessageWithoutTransaction, sendMessageWithoutTransactionHandler(events)),
    route(redactEventWithoutTransaction, redactEventWithoutTransactionHandler(events)),
  ];
}
