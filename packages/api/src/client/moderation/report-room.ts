import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const reportRoom = endpoint({
  id: 'reportRoom',
  summary: 'Report a room to the administrators',
  source: 'client-server',
  method: 'POST',
  paths: clientPathsIn(['v3'], '/rooms/:roomId/report'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: Type.Object({ reason: Type.String() }),
  response: emptyObject,
});
