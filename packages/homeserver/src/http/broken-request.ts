import type { Socket } from 'node:net';
import { MatrixError } from '@myelin/api';

/** What Node says of a connection whose bytes are no request. */
export interface ConnectionError extends Error {
  readonly code?: string;
}

// Not Node's own table: an import of node:http reads each of its exports, and one of them loads a whole WebSocket client.
const reasons = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' } as const;

/** Answers what isn't HTTP, or takes too long to become it, as any other refusal, and ends the connection. */
export function refuseConnection(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const refusal = refusalOf(error.code);
    const body = JSON.stringify(refusal.toBody());
    const { status } = refusal;
    const headers = [
      `HTTP/1.1 ${status} ${reasons[status as keyof typeof reasons] ?? ''}`,
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
