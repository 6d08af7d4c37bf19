import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

/**
 * Guests may remove `displayname` alone.
 * Counts as a message: it may become an event in each room of theirs.
 */
export const deleteProfileField = endpoint({
  id: 'deleteProfileField',
  summary: 'Remove a field of the profile',
  source: 'client-server',
  method: 'DELETE',
  paths: [
    ...clientPathsIn(['v3'], '/profile/:userId/:keyName'),
    ...clientPathsIn(['unstable'], '/uk.tcpip.msc4133/profile/:userId/:keyName'),
    ...clientPathsIn(['r0', 'unstable', 'api/v1'], '/profile/:userId/:keyName'),
  ],
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ userId: Type.String(), keyName: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
