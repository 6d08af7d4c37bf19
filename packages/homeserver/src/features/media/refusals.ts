import { MatrixError } from '@myelin/api';
import { DatabaseError } from '@myelin/database';

export function mediaNotFound(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'Media not found');
}

export function uploadTooLarge(): MatrixError {
  return new MatrixError('M_TOO_LARGE', 'Upload request body is too large');
}

/** A full disk is told as such, 507 Insufficient Storage; other faults stay what they are. */
export function storageRefusal(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || (error instanceof DatabaseError && error.kind === 'full');
  return full ? new MatrixError('M_UNKNOWN', 'The server has no room left for media', { status: 507 }) : error;
}
