import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

/** Whether a token is needed is configured (`require_auth_for_profile_requests`). */
export const getProfileField = endpoint({
  id: 'getProfileField',
  summary: 'A field of the profile of a user',
  source: 'client-server',
  method: 'GET',
  paths: [
    ...clientPathsIn(['v3'], '/profile/:userId/:keyName'),
    ...clientPathsIn(['unstable'], '/uk.tcpip.msc4133/profile/:userId/:keyName'),
    ...clientPathsIn(['r0', 'unstable', 'api/v1'], '/profile/:userId/:keyName'),
  ],
  auth: 'optional',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), keyName: Type.String() }),
  query: nothing,
  body: undefined,
  response: jsonObject,
});
