import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable, withMore } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const unban = endpoint({
  id: 'unban',
  summary: 'Lift a ban',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/unban'),
  auth: 'user',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: withMore(Type.Object({ user_id: Type.String(), reason: Type.Optional(nullable(Type.String())) })),
  response: emptyObject,
  allowEmptyBody: true,
});
