import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const getLocalAliases = endpoint({
  id: 'getLocalAliases',
  summary: 'The aliases that this server has for a room',
  source: 'client-server',
  method: 'GET',
  paths: [
    ...clientPathsIn(['v3', 'r0'], '/rooms/:roomId/aliases'),
    ...clientPathsIn(['unstable'], '/org.matrix.msc2432/rooms/:roomId/aliases'),
  ],
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({ aliases: Type.Array(Type.String()) }),
});
