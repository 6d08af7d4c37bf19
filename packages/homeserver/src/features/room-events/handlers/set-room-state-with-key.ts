import type { setRoomStateWithKey } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { eventContent, type RoomEvents } from '../room-events.ts';
import type { MemberStateSetter } from '../member-state-setter.ts';

export function setRoomStateWithKeyHandler(
  events: RoomEvents,
  members: MemberStateSetter,
): Handler<typeof setRoomStateWithKey> {
  return async ({ params, body, requester, request }) => {
    const stateKey = params.stateKey ?? '';
    const content = eventContent(body);
    const eventId =
      params.eventType === 'm.room.member'
        ? await members.setAsState(requester, params.roomId, stateKey, content, request.signal)
        : await events.sendState(requester, params.roomId, params.eventType, stateKey, content);
    return { event_id: eventId };
  };
}
