import type { getOneRoomEvent } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getOneRoomEventHandler(history: RoomHistory): Handler<typeof getOneRoomEvent> {
  return async ({ params, requester }) => rawJson(await history.event(requester, params.roomId, params.eventId));
}
