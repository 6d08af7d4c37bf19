import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** Two operations of the specification, inviteUser and inviteBy3PID, share the path: the one needs `user_id`, the other the last four members. */
export const inviteUser = endpoint({
  id: 'inviteUser',
  summary: 'Invite a user, or whoever has a third-party identifier',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/invite'),
  auth: 'user',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: withMore(
    Type.Object({
      user_id: Type.Optional(Type.String()),
      reason: Type.Optional(nullable(Type.String())),
      medium: Type.Optional(Type.String()),
      address: Type.Optional(Type.String()),
      id_server: Type.Optional(Type.String()),
      id_access_token: Type.Optional(Type.String()),
    }),
  ),
  response: emptyObject,
  allowEmptyBody: true,
});
