import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

export type Kind = 'A' | 'AAAA';

/** Addresses, or: there is no such name, it can't be told, nothing at all. */
export type NameAnswer = readonly string[] | 'no-such-name' | 'failure' | 'silence';

const kinds = new Map<number, Kind>([
  [1, 'A'],
  [28, 'AAAA'],
]);

/** A name server on this machine that says what a test wants. RFC 1035 §4. */
export class NameServer {
  /** What was asked, as `A example.com`. */
  readonly asked: string[] = [];
  readonly #socket: Socket;
  readonly #answer: (name: string, kind: Kind) => NameAnswer;

  private constructor(answer: (name: string, kind: Kind) => NameAnswer) {
    this.#answer = answer;
    this.#socket = createSocket('udp4');
  }

  static async start(answer: (name: string, kind: Kind) => NameAnswer): Promise<NameServer> {
    const server = new NameServer(answer);
    server.#socket.on('message', (query, from) => {
      const reply = server.#replyTo(query);
      if (reply) server.#socket.send(reply, from.port, from.address);
    });
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #replyTo(query: Buffer): Buffer | undefined {
    const labels: string[] = [];
    let at = 12;
    for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const kind = kinds.get(query.readUInt16BE(at + 1));
    if (kind) this.asked.push(`${kind} ${name}`);
    const answer = kind ? this.#answer(name, kind) : 'no-such-name';
    if (answer === 'silence') return undefined;
    const addresses = typeof answer === 'string' ? [] : answer;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    const code = answer === 'no-such-name' ? 3 : answer === 'failure' ? 2 : 0;
    head.writeUInt16BE(0x81_80 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(addresses.length, 6);
    // The question as it came, since c-ares compares it; each record points to its name.
    const question = query.subarray(12, at + 5);
    return Buffer.concat([head, question, ...addresses.map((address) => recordOf(address))]);
  }
}

function recordOf(address: string): Buffer {
  const bytes = ipaddr.parse(address).toByteArray();
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc0_0c, 0);
  record.writeUInt16BE(bytes.length === 4 ? 1 : 28, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([record, Buffer.from(bytes)]);
}
