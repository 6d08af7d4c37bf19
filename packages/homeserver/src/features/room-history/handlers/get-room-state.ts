import type { getRoomState } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getRoomStateHandler(history: RoomHistory): Handler<typeof getRoomState> {
  return async ({ params, requester }) => rawJson(await history.state(requester, params.roomId));
}
