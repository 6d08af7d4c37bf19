import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function backfillRoomHandler(reading: RoomReading): Handler<typeof federation.backfillRoom> {
  return async ({ params, query, origin }) =>
    rawJson(await reading.backfill(origin, params.roomId, query.v, query.limit));
}
