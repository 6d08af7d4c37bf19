import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { canonicalJson, signJson, SigningKey, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { Resolver } from '@myelin/runtime';
import { serverCertificate } from '../../../federation/certificates.ts';

/** Names below this lead to this machine. */
const domain = 'many.test';

/** As many servers as anybody wants to have, with names below one domain, all in one place and of one mind. */
export class ManyServers {
  readonly key = new SigningKey('ed25519:many', Buffer.alloc(32, 'many'));
  /** Adds to what a server says of its keys, before it is signed. */
  moreOfKeys: (serverName: string) => JsonObject = () => ({});
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ManyServers> {
    const { certificate, key } = serverCertificate;
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const many = new ManyServers(server);
    server.on('request', ({ url = '', headers }, response) => {
      const isKeys = url.startsWith('/_matrix/key/v2/server');
      response.writeHead(isKeys ? 200 : 404, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(isKeys ? many.#keys(headers.host ?? '') : { errcode: 'M_NOT_FOUND', error: 'none' }));
    });
    return many;
  }

  /** Where their names lead. */
  static readonly resolver: Resolver = {
    addresses: async (host) => (host === 'localhost' || host.endsWith(`.${domain}`) ? ['127.0.0.1'] : []),
    services: async () => [],
  };

  nameOf(serial: number): string {
    return `s${serial}.${domain}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The header of a request that one of them sends. */
  authorization(origin: string, destination: string, method: string, uri: string, content?: JsonValue): string {
    const signed = { method, uri, origin, destination, ...(content === undefined ? {} : { content }) };
    const signature = this.key.sign(canonicalJson(signed, 'lenient'));
    return `X-Matrix origin="${origin}",destination="${destination}",key="${this.key.keyId}",sig="${signature}"`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #keys(serverName: string): JsonObject {
    const { verify_keys: more = {}, ...rest } = this.moreOfKeys(serverName);
    const answer = {
      server_name: serverName,
      valid_until_ts: Date.now() + 86_400_000,
      verify_keys: { [this.key.keyId]: { key: this.key.publicKey }, ...(more as JsonObject) },
      old_verify_keys: {},
      ...rest,
    };
    return signJson(answer, serverName, this.key);
  }
}
