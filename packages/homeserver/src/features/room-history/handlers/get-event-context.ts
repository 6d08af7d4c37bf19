import type { getEventContext } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getEventContextHandler(history: RoomHistory): Handler<typeof getEventContext> {
  return async ({ params, query, requester, request }) =>
    rawJson(await history.context(requester, params.roomId, params.eventId, query.limit, query.filter, request.signal));
}
