import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { FederationHierarchy } from '../federation-hierarchy.ts';

export function getFederationHierarchyHandler(
  hierarchy: FederationHierarchy,
): Handler<typeof federation.getSpaceHierarchy> {
  return async ({ params, query, origin }) => {
    const { room, children, inaccessible } = await hierarchy.of(origin, params.roomId, query.suggested_only === true);
    return {
      room: { ...room.facts, children_state: room.children },
      children: children.map((child) => ({ ...child })),
      inaccessible_children: inaccessible,
    };
  };
}
