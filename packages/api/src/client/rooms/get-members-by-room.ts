import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

export const getMembersByRoom = endpoint({
  id: 'getMembersByRoom',
  summary: 'The members of a room, as events',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/members'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({
    at: Type.Optional(Type.String()),
    membership: Type.Optional(oneOf(['join', 'invite', 'knock', 'leave', 'ban'])),
    not_membership: Type.Optional(oneOf(['join', 'invite', 'knock', 'leave', 'ban'])),
  }),
  body: undefined,
  response: Type.Object({ chunk: Type.Array(clientEvent) }),
});
