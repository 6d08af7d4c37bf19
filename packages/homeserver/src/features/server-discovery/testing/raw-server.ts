import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { systemTimers, type Cancellable } from '@myelin/runtime';
import { serverCertificate } from '@myelin/testkit';
import { atEnd, portOf } from './transport-world.ts';

/** Does what it wants with a connection over which a request has come. */
export type RawAnswer = (socket: Socket) => void;

/** A server that speaks TLS, and what it wants from there on; resolves to its port. Ends with the test. */
export async function startRawServer(answer: RawAnswer): Promise<number> {
  const { certificate, key } = serverCertificate;
  const server = createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) =>
    socket.once('data', () => answer(socket)),
  );
  return listening(server);
}

/** A server that doesn't even speak TLS; resolves to its port. */
export async function startPlainServer(answer: RawAnswer): Promise<number> {
  return listening(createPlainServer((socket) => socket.once('data', () => answer(socket))));
}

async function listening(server: ReturnType<typeof createPlainServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return portOf(server);
}

/** Writes a piece again and again, as fast as it is taken or each so many ms; `count` is told what was written. */
export function endless(piece: string | Buffer, everyMs: number, count: (bytes: number) => void = () => {}): RawAnswer {
  return (socket) => {
    let timer: Cancellable | undefined;
    const write = (): void => {
      if (socket.destroyed) return;
      count(piece.length);
      const next = (): void => void (timer = systemTimers.after(everyMs, write));
      if (socket.write(piece)) next();
      else socket.once('drain', next);
    };
    socket.once('close', () => timer?.cancel());
    write();
  };
}
