import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

export type Kind = 'A' | 'AAAA' | 'SRV';

/** Where a service is; its priority and weight are none. */
interface ServicePlace {
  readonly port: number;
  readonly target: string;
}

/** An address, or where a service is. */
type NameRecord = string | ServicePlace;

/** The name is another name for another one (CNAME), and so on; records are those of the last. */
interface AliasAnswer {
  readonly aliases: readonly string[];
  readonly records: readonly NameRecord[];
}

/** Records, or: there is no such name, it can't be told, nothing at all. */
export type NameAnswer = readonly NameRecord[] | AliasAnswer | 'no-such-name' | 'failure' | 'silence';

const types = { A: 1, CNAME: 5, AAAA: 28, SRV: 33 };
const kinds = new Map<number, Kind>((['A', 'AAAA', 'SRV'] as const).map((kind) => [types[kind], kind]));

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
    const { aliases, records }: AliasAnswer =
      typeof answer === 'string'
        ? { aliases: [], records: [] }
        : 'aliases' in answer
          ? answer
          : { aliases: [], records: answer };
    const chain = [name, ...aliases];
    const all = [
      ...aliases.map((alias, at) => recordOf(chain[at]!, 'CNAME', encodedName(alias))),
      ...records.map((record) => recordOf(chain.at(-1)!, ...dataOf(record))),
    ];
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    const code = answer === 'no-such-name' ? 3 : answer === 'failure' ? 2 : 0;
    head.writeUInt16BE(0x81_80 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(all.length, 6);
    // The question as it came, since c-ares compares it.
    const question = query.subarray(12, at + 5);
    return Buffer.concat([head, question, ...all]);
  }
}

function recordOf(name: string, type: keyof typeof types, data: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(types[type], 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodedName(name), fields, data]);
}

function dataOf(record: NameRecord): [Kind, Buffer] {
  if (typeof record !== 'string') {
    const numbers = Buffer.alloc(6);
    numbers.writeUInt16BE(record.port, 4);
    return ['SRV', Buffer.concat([numbers, encodedName(record.target)])];
  }
  const bytes = ipaddr.parse(record).toByteArray();
  return [bytes.length === 4 ? 'A' : 'AAAA', Buffer.from(bytes)];
}

function encodedName(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...labels, Buffer.alloc(1)]);
}
