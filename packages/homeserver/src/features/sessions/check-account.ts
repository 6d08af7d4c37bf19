import { MatrixError, type Authentication } from '@myelin/api';
import type { Account } from '../accounts/index.ts';

/** Whether an account may do what needs `auth`. Client-Server API §"Account locking", §"Guest Access". */
export function checkAccount(account: Account, auth: Authentication): void {
  if (account.deactivated)
    throw new MatrixError('M_USER_DEACTIVATED', 'This account has been deactivated', { status: 401 });
  if (account.locked && auth !== 'user-even-locked') {
    throw new MatrixError('M_USER_LOCKED', 'This account has been locked', { details: { soft_logout: true } });
  }
  if (account.isGuest && (auth === 'user' || auth === 'admin'))
    throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
  if (auth === 'admin' && !account.isAdmin) throw new MatrixError('M_FORBIDDEN', 'You are not a server admin');
}
