import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { signatures } from '../shapes/keys.ts';

/** `server_name` is what `via` was called before. */
export const joinRoom = endpoint({
  id: 'joinRoom',
  summary: 'Join a room by its id or alias',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/join/:roomIdOrAlias'),
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomIdOrAlias: Type.String() }),
  query: Type.Object({
    via: Type.Optional(Type.Array(Type.String())),
    server_name: Type.Optional(Type.Array(Type.String())),
  }),
  body: withMore(
    Type.Object({
      reason: Type.Optional(nullable(Type.String())),
      third_party_signed: Type.Optional(
        Type.Object({ sender: Type.String(), mxid: Type.String(), token: Type.String(), signatures }),
      ),
    }),
  ),
  response: Type.Object({ room_id: Type.String() }),
  allowEmptyBody: true,
});
