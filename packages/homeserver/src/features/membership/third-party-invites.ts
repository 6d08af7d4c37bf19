import { MatrixError } from '@myelin/api';

/** Invites by e-mail or telephone go through an identity server, which this server doesn't talk to yet. */
export function noThirdPartyInvites(): MatrixError {
  return new MatrixError('M_THREEPID_DENIED', "This server can't invite by e-mail address or telephone number yet");
}
