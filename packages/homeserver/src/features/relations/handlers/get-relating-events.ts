import type { getRelatingEvents } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { Relations } from '../relations.ts';

export function getRelatingEventsHandler(relations: Relations): Handler<typeof getRelatingEvents> {
  return async ({ params, query, requester }) =>
    rawJson(
      await relations.children(requester, params.roomId, params.eventId, {
        relType: undefined,
        type: undefined,
        from: query.from,
        to: query.to,
        limit: query.limit,
        backwards: query.dir !== 'f',
        recurse: query.recurse ?? query['org.matrix.msc3981.recurse'] ?? false,
      }),
    );
}
