import type { getRoomStateWithKey } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getRoomStateWithKeyHandler(history: RoomHistory): Handler<typeof getRoomStateWithKey> {
  return async ({ params, query, requester }) =>
    rawJson(
      await history.stateEvent(
        requester,
        params.roomId,
        params.eventType,
        params.stateKey ?? '',
        query.format ?? 'content',
      ),
    );
}
