import type { getThreadRoots } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { Relations } from '../relations.ts';

export function getThreadRootsHandler(relations: Relations): Handler<typeof getThreadRoots> {
  return async ({ params, query, requester }) =>
    rawJson(
      await relations.threads(requester, params.roomId, {
        participatedOnly: query.include === 'participated',
        limit: query.limit,
        from: query.from,
      }),
    );
}
