import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/**
 * Gives out a body piece by piece: each piece to `write`, which resolves to true when the system has taken it and its
 * memory may be used again, or to false when nobody listens any more.
 */
export type Pour = (write: (piece: Uint8Array) => Promise<boolean>) => Promise<void>;

/**
 * Answers with headers and a poured body. A body that breaks off takes the connection with it, as HTTP has it. A client
 * that takes nothing for `silence` milliseconds is gone: Node then closes the connection.
 */
export function pourAnswer(
  reply: FastifyReply,
  pour: Pour,
  silence: number,
  onFault: (fault: unknown) => void,
): FastifyReply {
  const headers = reply.getHeaders();
  const { statusCode } = reply;
  reply.hijack();
  const response = reply.raw;
  response.writeHead(statusCode, headers as Record<string, string>);
  response.socket?.setTimeout(silence);
  pour((piece) => written(response, piece)).then(
    () => response.end(),
    (fault) => {
      onFault(fault);
      response.destroy();
    },
  );
  return reply;
}

function written(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(false);
    const gone = (): void => resolve(false);
    response.once('close', gone);
    response.write(piece, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
  });
}
