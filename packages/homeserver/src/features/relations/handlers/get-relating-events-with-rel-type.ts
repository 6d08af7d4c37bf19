import type { getRelatingEventsWithRelType } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { Relations } from '../relations.ts';

export function getRelatingEventsWithRelTypeHandler(
  relations: Relations,
): Handler<typeof getRelatingEventsWithRelType> {
  return async ({ params, query, requester }) =>
    rawJson(
      await relations.children(requester, params.roomId, params.eventId, {
        relType: params.relType,
        type: undefined,
        from: query.from,
        to: query.to,
        limit: query.limit,
        backwards: query.dir !== 'f',
        recurse: query.recurse ?? query['org.matrix.msc3981.recurse'] ?? false,
      }),
    );
}
