import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';
import { spaceChildEvent } from '../shapes/events.ts';
import { roomSummaryMembers } from '../shapes/public-rooms.ts';

export const getSpaceHierarchy = endpoint({
  id: 'getSpaceHierarchy',
  summary: 'The rooms of a space',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/rooms/:roomId/hierarchy'),
  auth: 'user-or-guest',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({
    suggested_only: Type.Optional(Type.Boolean()),
    limit: Type.Optional(count),
    max_depth: Type.Optional(count),
    from: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: Type.Object({
    rooms: Type.Array(Type.Object({ ...roomSummaryMembers, children_state: Type.Array(spaceChildEvent) })),
    next_batch: Type.Optional(Type.String()),
  }),
});
