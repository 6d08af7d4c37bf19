import { readFileSync } from 'node:fs';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { canonicalJson, signJson, SigningKey, type JsonObject, type JsonValue } from '@myelin/protocol';
import { serverCertificate, testAuthority, type TestCertificate } from './certificates.ts';

export interface PeerRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface PeerAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is where it is text or bytes. */
  readonly body?: unknown;
  /** Sends the body itself, as slowly or as long as it wants. */
  readonly pour?: (response: ServerResponse) => void;
}

/** What the peer answers; undefined: M_UNRECOGNIZED. */
export type PeerHandler = (request: PeerRequest) => PeerAnswer | undefined | Promise<PeerAnswer | undefined>;

export interface PeerOptions {
  readonly key?: SigningKey;
  readonly certificate?: TestCertificate;
  readonly handler?: PeerHandler;
  /** `localhost` or `127.0.0.1`; its name is that with the port. */
  readonly host?: string;
}

export interface SignedRequestOptions {
  readonly body?: JsonValue;
  /** Instead of what is right. */
  readonly origin?: string;
  readonly destination?: string;
  /** Instead of the `Authorization` header that is right; several are sent as several headers. */
  readonly authorization?: string | readonly string[];
  /** Sent instead of the body that was signed. */
  readonly sentBody?: string;
  /** What is signed instead of the path. */
  readonly signedUri?: string;
}

export interface PeerResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: any;
}

/**
 * Another server, as a test wants it: it shows its keys over TLS, answers what the test says, remembers what it was asked,
 * and sends signed requests, good ones and bad ones.
 */
export class TestPeer {
  readonly serverName: string;
  readonly key: SigningKey;
  handler: PeerHandler;
  /** All requests that came, but those for keys. */
  readonly received: PeerRequest[] = [];
  keyRequests = 0;
  /** Changes what it says of its keys. */
  keyAnswer: (answer: JsonObject) => JsonObject | undefined = (answer) => answer;
  /** How long its keys hold, from now, in ms. */
  validForMs = 86_400_000;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, options: PeerOptions) {
    this.#server = server;
    this.serverName = `${options.host ?? 'localhost'}:${(server.address() as AddressInfo).port}`;
    this.key = options.key ?? new SigningKey('ed25519:peer', Buffer.alloc(32, this.serverName));
    this.handler = options.handler ?? (() => undefined);
  }

  static async start(options: PeerOptions = {}): Promise<TestPeer> {
    const { certificate, key } = options.certificate ?? serverCertificate;
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const peer = new TestPeer(server, options);
    server.on('connection', (socket: Socket) => {
      peer.#sockets.add(socket);
      socket.once('close', () => peer.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', async () => {
        const { method = '', url = '', headers } = request;
        const answer = await peer.#answer({ method, url, headers, body: Buffer.concat(pieces).toString() });
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
        if (answer.pour) return answer.pour(response);
        const isRaw = typeof answer.body === 'string' || answer.body instanceof Uint8Array;
        return response.end(isRaw ? answer.body : JSON.stringify(answer.body ?? {}));
      });
    });
    return peer;
  }

  /** What it says of its keys, signed. */
  keys(): JsonObject {
    const answer = {
      server_name: this.serverName,
      valid_until_ts: Date.now() + this.validForMs,
      verify_keys: { [this.key.keyId]: { key: this.key.publicKey } },
      old_verify_keys: {},
    };
    return signJson(answer, this.serverName, this.key);
  }

  /** Sends a request to a server of this machine (`localhost:PORT`), signed. */
  send(serverName: string, method: string, path: string, options: SignedRequestOptions = {}): Promise<PeerResponse> {
    const { body } = options;
    const authorization = options.authorization ?? this.authorization(serverName, method, path, options);
    const sent = options.sentBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const [hostname, port] = serverName.split(':');
    return new Promise((resolve, reject) => {
      const request = httpsRequest({
        hostname: hostname === 'localhost' ? '127.0.0.1' : hostname,
        servername: hostname,
        port,
        method,
        path,
        ca: readFileSync(testAuthority),
        agent: false,
        headers: {
          ...(authorization.length === 0 ? {} : { authorization: authorization as string }),
          ...(sent === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
        },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsedOrNothing(text) });
        });
      });
      request.end(sent);
    });
  }

  /** The header of a signed request. Server-Server API §"Request Authentication". */
  authorization(serverName: string, method: string, path: string, options: SignedRequestOptions = {}): string {
    const { body, origin = this.serverName, destination = serverName, signedUri: uri = path } = options;
    const content = body === undefined ? {} : { content: body };
    const signature = this.key.sign(canonicalJson({ method, uri, origin, destination, ...content }, 'lenient'));
    return `X-Matrix origin="${origin}",destination="${destination}",key="${this.key.keyId}",sig="${signature}"`;
  }

  async stop(): Promise<void> {
    // Those as well over which nothing was asked yet.
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: PeerRequest): Promise<PeerAnswer> {
    if (request.url.startsWith('/_matrix/key/v2/server')) {
      this.keyRequests++;
      const body = this.keyAnswer(this.keys());
      return body ? { body } : { status: 500, body: { errcode: 'M_UNKNOWN', error: 'no keys' } };
    }
    this.received.push(request);
    const answer = await this.handler(request);
    return answer ?? { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } };
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
