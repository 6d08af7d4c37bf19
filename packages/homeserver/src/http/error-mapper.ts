import { MatrixError } from '@myelin/api';
import { Answer } from './answers.ts';

/** A body larger than the endpoint takes. Client-Server API §2.2 (M_TOO_LARGE). */
export function tooLarge(): MatrixError {
  return new MatrixError('M_TOO_LARGE', 'The request is too large');
}

/** A body that creeps. What comes of it after this isn't read any more: the connection ends. */
export function tooSlow(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'The request comes too slowly', { status: 408 });
}

/**
 * The one place where what went wrong becomes an answer. Refusals (MatrixError) are told as they are; anything else is
 * a fault of ours: the client learns only that, the log gets the rest (`onFault`).
 */
export function errorToAnswer(error: unknown, onFault: (error: unknown) => void): Answer {
  if (error instanceof MatrixError) {
    const headers: Record<string, string> = {};
    const retryAfterMs = error.details['retry_after_ms'];
    if (typeof retryAfterMs === 'number') headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
    return new Answer(error.status, { object: error.toBody() }, headers);
  }
  onFault(error);
  return new Answer(500, { object: { errcode: 'M_UNKNOWN', error: 'Internal server error' } });
}
