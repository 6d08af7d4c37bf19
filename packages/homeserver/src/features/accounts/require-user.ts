import { MatrixError } from '@myelin/api';
import type { Requester } from '../../http/index.ts';

/** For operations that could be done without an access token, by proving to own an e-mail address, where that is served. */
export function requireUser(requester: Requester | undefined): Requester {
  if (!requester) throw new MatrixError('M_MISSING_TOKEN', 'Missing access token');
  if (requester.isGuest) throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
  return requester;
}
