import type { getRoomEvents } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getRoomEventsHandler(history: RoomHistory): Handler<typeof getRoomEvents> {
  return async ({ params, query, requester }) =>
    rawJson(
      await history.messages(requester, params.roomId, {
        from: query.from,
        to: query.to,
        backwards: query.dir === 'b',
        limit: query.limit,
        filter: query.filter,
      }),
    );
}
