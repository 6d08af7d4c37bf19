import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A port in front of a server's own, so that the way to it can be cut: whoever calls then meets a closed connection, as
 * if the server were down, while it goes on and calls others.
 */
export class Relay {
  readonly port: number;
  /** The server's own port, once there is one. */
  target: number | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#pass(socket));
  }

  static async open(): Promise<Relay> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Relay(server);
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(caller: Socket): void {
    if (this.#isCut || this.target === undefined) {
      caller.on('error', () => {});
      caller.destroy();
      return;
    }
    const called = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
