import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function getRoomStateIdsHandler(reading: RoomReading): Handler<typeof federation.getRoomStateIds> {
  return async ({ params, query, origin }) => rawJson(await reading.stateIds(origin, params.roomId, query.event_id));
}
