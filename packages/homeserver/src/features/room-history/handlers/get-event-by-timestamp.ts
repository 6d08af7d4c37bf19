import type { getEventByTimestamp } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomHistory } from '../room-history.ts';

export function getEventByTimestampHandler(history: RoomHistory): Handler<typeof getEventByTimestamp> {
  return async ({ params, query, requester }) => {
    const event = await history.eventNear(requester, params.roomId, query.ts, query.dir !== 'b');
    return { event_id: event.eventId, origin_server_ts: event.fields.originServerTs };
  };
}
