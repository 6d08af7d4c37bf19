import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, jsonObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

/**
 * The body has a member of the name of the field. Guests may set `displayname` alone.
 * Counts as a message: it may become an event in each room of theirs.
 */
export const setProfileField = endpoint({
  id: 'setProfileField',
  summary: 'Set a field of the profile',
  source: 'client-server',
  method: 'PUT',
  paths: [
    ...clientPathsIn(['v3'], '/profile/:userId/:keyName'),
    ...clientPathsIn(['unstable'], '/uk.tcpip.msc4133/profile/:userId/:keyName'),
    ...clientPathsIn(['r0', 'unstable', 'api/v1'], '/profile/:userId/:keyName'),
  ],
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ userId: Type.String(), keyName: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: emptyObject,
  bodyLimit: 128 * 1024,
});
