import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const forgetRoom = endpoint({
  id: 'forgetRoom',
  summary: 'Forget a room that one has left',
  source: 'client-server',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/forget'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
