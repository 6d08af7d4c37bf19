import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { MatrixError } from '@myelin/api';

/** What Node says of a connection whose bytes are no request. */
export interface ConnectionError extends Error {
  readonly code?: string;
}

/** Answers what isn't HTTP, or takes too long to become it, as any other refusal, and ends the connection. */
export function refuseConnection(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const refusal = refusalOf(error.code);
    const body = JSON.stringify(refusal.toBody());
    const { status } = refusal;
    const headers = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Access-Control-Allow-Origin: *',
      'Connection: close',
    ];
    socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

function refusalOf(code: string | undefined): MatrixError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new MatrixError('M_TOO_LARGE', 'The headers are too large', { status: 431 });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new MatrixError('M_UNKNOWN', 'The request took too long', { status: 408 });
  return new MatrixError('M_UNKNOWN', 'The request is not valid HTTP', { status: 400 });
}
