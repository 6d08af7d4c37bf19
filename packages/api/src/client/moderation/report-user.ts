import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const reportUser = endpoint({
  id: 'reportUser',
  summary: 'Report a user to the administrators',
  source: 'client-server',
  method: 'POST',
  paths: clientPathsIn(['v3'], '/users/:userId/report'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: Type.Object({ reason: Type.String() }),
  response: emptyObject,
});
