import { MatrixError } from '@myelin/api';
import type { AuthRefusal, AuthRefusalReason } from '@myelin/protocol';

/** What nobody may send: the fault is in the event, not in who sends it. */
const malformed: ReadonlySet<AuthRefusalReason> = new Set<AuthRefusalReason>([
  'create-has-prev-events',
  'create-has-room-id',
  'create-state-key',
  'create-room-version-unknown',
  'create-creator-missing',
  'create-additional-creators-invalid',
  'aliases-state-key',
  'membership-missing',
  'third-party-invite-malformed',
  'power-levels-not-integer',
  'power-levels-malformed',
  'power-levels-user-id',
  'power-levels-name-creator',
]);

/** How a client is told that the authorization rules don't allow its event: M_BAD_JSON or M_FORBIDDEN. */
export function refusalOf({ reason, message }: AuthRefusal): MatrixError {
  return new MatrixError(malformed.has(reason) ? 'M_BAD_JSON' : 'M_FORBIDDEN', message);
}
