import { MatrixError } from '@myelin/api';
import { getOwn } from '@myelin/protocol';
import { FederationError } from '../federation-client/index.ts';
import { BadAnswer } from './bad-answer.ts';

/** Codes that every server of the room would answer with. */
const final = new Set(['M_INCOMPATIBLE_ROOM_VERSION', 'M_UNSUPPORTED_ROOM_VERSION', 'M_INVITE_BLOCKED']);
const longestMessage = 300;

/** Whether another server may do what this one didn't. */
export function mayAskOthers(error: unknown): boolean {
  if (error instanceof BadAnswer) return true;
  return error instanceof FederationError && !(error.kind === 'refused' && final.has(error.code ?? ''));
}

/** Whether the other server says that the rules of the room don't allow it: it may be behind the others. */
export function isForbidden(error: unknown): boolean {
  return error instanceof FederationError && error.kind === 'refused' && error.status === 403;
}

/** Whether the other server doesn't know the endpoint: an older version of it may do. */
export function isUnknownEndpoint(error: unknown): boolean {
  if (!(error instanceof FederationError) || error.kind !== 'refused') return false;
  const { status, code } = error;
  if (status === 405) return true;
  if (status === 404) return code === undefined || code === 'M_UNRECOGNIZED';
  return status === 400 && code === 'M_UNRECOGNIZED';
}

/** What a client is told: the other server's own refusal where it answered, else that it can't be reached. */
export function refusalFor(error: unknown, what: string): unknown {
  if (error instanceof BadAnswer) return new MatrixError('M_UNKNOWN', `${what}: ${error.message}`, { status: 502 });
  if (!(error instanceof FederationError)) return error;
  switch (error.kind) {
    case 'not-allowed':
      return new MatrixError('M_FORBIDDEN', `${what}: this server doesn't talk to ${error.destination}`);
    case 'refused':
      return refused(error, what);
    default:
      return new MatrixError('M_UNKNOWN', `${what}: ${error.destination} can't be reached, or answers wrongly`, {
        status: 502,
      });
  }
}

function refused(error: FederationError, what: string): MatrixError {
  const said = error.details && getOwn(error.details, 'error');
  const message = typeof said === 'string' ? `: ${said.slice(0, longestMessage)}` : '';
  const text = `${what}: ${error.destination} refuses${message}`;
  const version = error.details && getOwn(error.details, 'room_version');
  switch (error.code) {
    case 'M_FORBIDDEN':
    case 'M_INVITE_BLOCKED':
    case 'M_NOT_FOUND':
    case 'M_BAD_STATE':
    case 'M_UNSUPPORTED_ROOM_VERSION':
    case 'M_UNABLE_TO_AUTHORISE_JOIN':
    case 'M_UNABLE_TO_GRANT_JOIN':
      return new MatrixError(error.code, text);
    case 'M_INCOMPATIBLE_ROOM_VERSION':
      return new MatrixError(error.code, text, {
        details: typeof version === 'string' ? { room_version: version.slice(0, 255) } : {},
      });
    default:
      return new MatrixError('M_UNKNOWN', text, { status: error.status === 403 ? 403 : 502 });
  }
}
