import type { getSpaceHierarchy } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Hierarchy } from '../hierarchy.ts';

export function getSpaceHierarchyHandler(hierarchy: Hierarchy): Handler<typeof getSpaceHierarchy> {
  return async ({ params, query, requester }) => {
    const { rooms, nextBatch } = await hierarchy.page(requester.user, params.roomId, {
      suggestedOnly: query.suggested_only === true,
      limit: query.limit,
      maxDepth: query.max_depth,
      from: query.from,
    });
    return {
      rooms: rooms.map(({ facts, children }) => ({
        ...facts,
        children_state: children.map((child) => ({ ...child })),
      })),
      ...(nextBatch === undefined ? {} : { next_batch: nextBatch }),
    };
  };
}
