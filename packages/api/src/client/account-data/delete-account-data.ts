import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

/** MSC3391 */
export const deleteAccountData = endpoint({
  id: 'deleteAccountData',
  summary: 'Delete account data',
  source: 'msc',
  method: 'DELETE',
  paths: clientPathsIn(['unstable'], '/org.matrix.msc3391/user/:userId/account_data/:type'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String(), type: Type.String() }),
  query: nothing,
  body: undefined,
  response: emptyObject,
});
