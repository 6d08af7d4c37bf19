import { MatrixError } from '@myelin/api';

/** Throws M_FORBIDDEN where `allow_public_rooms_over_federation` isn't set. */
export function requireAllowed(isAllowed: boolean, origin: string): void {
  if (!isAllowed) throw new MatrixError('M_FORBIDDEN', `Federation denied with ${origin}.`);
}
