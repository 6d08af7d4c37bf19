import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const getRoomVisibilityOnDirectory = endpoint({
  id: 'getRoomVisibilityOnDirectory',
  summary: 'Is a room in the directory',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/directory/list/room/:roomId'),
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({ visibility: oneOf(['public', 'private']) }),
});
