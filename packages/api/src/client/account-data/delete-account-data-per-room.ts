import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

/** MSC3391 */
export const deleteAccountDataPerRoom = endpoint({
  id: 'deleteAccountDataPerRoom',
  summary: 'Delete account data of a room',
  source: 'msc',
  method: 'DELETE',
  paths: clientPathsIn(['unstable'], '/org.matrix.msc3391/user/:userId/rooms/:roomId/account_data/:type'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), roomId: Type.String(), type: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
