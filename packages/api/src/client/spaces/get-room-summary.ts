import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPathsIn } from '../paths.ts';
import { roomSummaryMembers } from '../shapes/public-rooms.ts';

export const getRoomSummary = endpoint({
  id: 'getRoomSummary',
  summary: 'What a room is about',
  source: 'client-server',
  method: 'GET',
  paths: [
    ...clientPathsIn(['v1'], '/room_summary/:roomIdOrAlias'),
    ...clientPathsIn(['unstable'], '/im.nheko.summary/summary/:roomIdOrAlias'),
    ...clientPathsIn(['unstable'], '/im.nheko.summary/rooms/:roomIdOrAlias/summary'),
  ],
  auth: 'optional',
  rateLimit: 'none',
  params: Type.Object({ roomIdOrAlias: Type.String() }),
  query: Type.Object({ via: Type.Optional(Type.Array(Type.String())) }),
  body: undefined,
  response: Type.Object({ ...roomSummaryMembers, membership: Type.Optional(Type.String()) }),
});
