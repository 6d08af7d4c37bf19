import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { RoomReading } from '../room-reading.ts';

export function getMissingPreviousEventsHandler(
  reading: RoomReading,
): Handler<typeof federation.getMissingPreviousEvents> {
  return async ({ params, body, origin }) =>
    rawJson(
      await reading.missingEvents(origin, params.roomId, {
        earliest: body.earliest_events,
        latest: body.latest_events,
        limit: body.limit,
        minimumDepth: body.min_depth,
      }),
    );
}
