import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, oneOf } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** Without `visibility` the room becomes public. */
export const setRoomVisibilityOnDirectory = endpoint({
  id: 'setRoomVisibilityOnDirectory',
  summary: 'Put a room into the directory, or take it out',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/directory/list/room/:roomId'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: Type.Object({ visibility: Type.Optional(oneOf(['public', 'private'])) }),
  response: emptyObject,
  allowEmptyBody: true,
});
