import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, oneOf } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';
import { clientEvent } from '../shapes/events.ts';

export const getThreadRoots = endpoint({
  id: 'getThreadRoots',
  summary: 'The threads of a room',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/rooms/:roomId/threads'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({
    include: Type.Optional(oneOf(['all', 'participated'])),
    limit: Type.Optional(count),
    from: Type.Optional(Type.String()),
  }),
  body: undefined,
  response: Type.Object({ chunk: Type.Array(clientEvent), next_batch: Type.Optional(Type.String()) }),
});
