import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function getRoomStateHandler(reading: RoomReading): Handler<typeof federation.getRoomState> {
  return async ({ params, query, origin }) => rawJson(await reading.state(origin, params.roomId, query.event_id));
}
