import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { signatures } from '../shapes/keys.ts';

export const joinRoomById = endpoint({
  id: 'joinRoomById',
  summary: 'Join a room of this server',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/join'),
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
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
