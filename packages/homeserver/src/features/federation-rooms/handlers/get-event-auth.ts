import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function getEventAuthHandler(reading: RoomReading): Handler<typeof federation.getEventAuth> {
  return async ({ params, origin }) => rawJson(await reading.eventAuth(origin, params.roomId, params.eventId));
}
