import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function getEventByTimestampHandler(reading: RoomReading): Handler<typeof federation.getEventByTimestamp> {
  return async ({ params, query, origin }) => {
    const event = await reading.eventNear(origin, params.roomId, query.ts, query.dir === 'f');
    return { event_id: event.eventId, origin_server_ts: event.fields.originServerTs };
  };
}
