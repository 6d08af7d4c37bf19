import { MatrixError } from '@myelin/api';

/** A sync token is `s` and the position up to which the client has seen everything. */
export function syncToken(position: number): string {
  return `s${position}`;
}

/** Throws M_INVALID_PARAM for anything else. */
export function parseSyncToken(token: string): number {
  const match = /^s(\d{1,15})$/.exec(token);
  if (!match) throw new MatrixError('M_INVALID_PARAM', 'That is not a sync token of this server');
  return Number(match[1]);
}
