import { MatrixError } from '@myelin/api';
import { getOwn } from '@myelin/protocol';
import type { FederationError } from '../federation-client/index.ts';

const longestMessage = 300;

/** What a client is told whose event isn't signed: the policy server's own words, where it has any. */
export function refusalFor({ kind, code, details, destination, status }: FederationError): MatrixError {
  const said = details && getOwn(details, 'error');
  if (kind === 'refused' && code !== 'M_UNRECOGNIZED' && typeof said === 'string' && (status ?? 500) < 500) {
    const message = said.slice(0, longestMessage).toWellFormed();
    if (code === 'M_LIMIT_EXCEEDED') return new MatrixError('M_LIMIT_EXCEEDED', message);
    return new MatrixError('M_FORBIDDEN', message);
  }
  return new MatrixError('M_FORBIDDEN', `The policy server ${destination} can't be asked about the event`);
}
