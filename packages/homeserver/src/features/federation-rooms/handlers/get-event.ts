import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function getEventHandler(reading: RoomReading): Handler<typeof federation.getEvent> {
  return async ({ params, origin }) => rawJson(await reading.event(origin, params.eventId));
}
