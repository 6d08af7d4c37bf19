import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { mapOf, nothing, nullable } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** By user id. */
export const getJoinedMembersByRoom = endpoint({
  id: 'getJoinedMembersByRoom',
  summary: 'Who is joined to a room',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/rooms/:roomId/joined_members'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({
    joined: mapOf(
      Type.Object({
        display_name: Type.Optional(nullable(Type.String())),
        avatar_url: Type.Optional(nullable(Type.String())),
      }),
    ),
  }),
});
