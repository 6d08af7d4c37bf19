import type { getRoomStateWithKey } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomContents } from '../room-contents.ts';

export function getRoomStateWithKeyHandler(contents: RoomContents): Handler<typeof getRoomStateWithKey> {
  return async ({ params, query, requester, request }) =>
    rawJson(
      await contents.stateEvent(
        requester,
        params.roomId,
        params.eventType,
        params.stateKey ?? '',
        query.format ?? 'content',
        request.signal,
      ),
    );
}
