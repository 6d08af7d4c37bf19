import type { getRoomState } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomContents } from '../room-contents.ts';

export function getRoomStateHandler(contents: RoomContents): Handler<typeof getRoomState> {
  return async ({ params, requester, request }) =>
    rawJson(await contents.state(requester, params.roomId, request.signal));
}
