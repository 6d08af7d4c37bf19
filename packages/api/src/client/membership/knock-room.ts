import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nullable, withMore } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

/** `server_name` is what `via` was called before. */
export const knockRoom = endpoint({
  id: 'knockRoom',
  summary: 'Ask to be let into a room',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/knock/:roomIdOrAlias'),
  auth: 'user',
  rateLimit: 'message',
  params: Type.Object({ roomIdOrAlias: Type.String() }),
  query: Type.Object({
    via: Type.Optional(Type.Array(Type.String())),
    server_name: Type.Optional(Type.Array(Type.String())),
  }),
  body: withMore(Type.Object({ reason: Type.Optional(nullable(Type.String())) })),
  response: Type.Object({ room_id: Type.String() }),
  allowEmptyBody: true,
});
