import type { deactivateAccount } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Reauthentication } from '../../user-interactive-auth/index.ts';
import type { Deactivation } from '../deactivation.ts';
import { requireUser } from '../require-user.ts';

/** There are no third-party identifiers, so that none are left bound: `success`. */
export function deactivateAccountHandler(
  deactivation: Deactivation,
  reauthentication: Reauthentication,
): Handler<typeof deactivateAccount> {
  return async ({ body, optionalRequester, request }) => {
    const requester = requireUser(optionalRequester);
    await reauthentication.require(requester, { operation: 'deactivateAccount', body, ip: request.ip });
    await deactivation.deactivate(requester.user, body.erase ?? false);
    return { id_server_unbind_result: 'success' };
  };
}
