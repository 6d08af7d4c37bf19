import type { getRoomSummary } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomSummaries } from '../room-summaries.ts';

export function getRoomSummaryHandler(summaries: RoomSummaries): Handler<typeof getRoomSummary> {
  return async ({ params, query, optionalRequester }) =>
    summaries.summary(optionalRequester?.user, params.roomIdOrAlias, query.via ?? []);
}
