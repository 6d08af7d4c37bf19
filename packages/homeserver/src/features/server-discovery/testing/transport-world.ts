import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import {
  AddressRules,
  ProxyRules,
  systemRuntime,
  UndiciHttp,
  type Resolver,
  type UndiciHttpOptions,
} from '@myelin/runtime';
import { testAuthority, TestPeer } from '@myelin/testkit';
import { afterEach } from 'vitest';
import { ServerDiscovery } from '../discovery.ts';
import { HttpFederationTransport } from '../http-transport.ts';

export const authorities = [readFileSync(testAuthority, 'utf8')];
export const noProxy = { httpProxy: undefined, httpsProxy: undefined, noProxyHosts: [] };

const ends: (() => unknown)[] = [];

/** Is called when the test is over. */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

/** What the file's tests start ends with each of them. */
export function endAfterEach(): void {
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
}

/** A server over TLS that answers with the path it was asked for. */
export async function peer(
  options: Parameters<typeof TestPeer.start>[0] = {},
): Promise<{ peer: TestPeer; port: number }> {
  const started = await TestPeer.start({ handler: ({ url }) => ({ body: { url } }), ...options });
  atEnd(() => started.stop());
  return { peer: started, port: Number(started.serverName.split(':')[1]) };
}

interface World {
  readonly addresses?: Record<string, string[]>;
  readonly services?: Record<string, { target: string; port: number }[]>;
  readonly wellKnown?: Record<string, string>;
  readonly http?: Partial<UndiciHttpOptions>;
  /** Instead of one that knows these addresses and services. */
  readonly resolver?: Resolver;
  /** What /.well-known says, in its time. */
  readonly slow?: (host: string) => Promise<string | undefined>;
}

/** A transport in a world of names. */
export function transportIn({
  addresses = {},
  services = {},
  wellKnown = {},
  http: options = {},
  ...more
}: World = {}) {
  const resolver: Resolver = more.resolver ?? {
    addresses: async (host) => addresses[host] ?? [],
    services: async (name) => (services[name] ?? []).map((each, priority) => ({ ...each, priority, weight: 0 })),
  };
  const http = new UndiciHttp({
    resolver,
    rules: new AddressRules([]),
    proxies: new ProxyRules(noProxy),
    tls: { authorities },
    ...options,
  });
  atEnd(() => http.close());
  const discovery = new ServerDiscovery({
    ...systemRuntime,
    resolver,
    wellKnown: { serverOf: async (host) => (await more.slow?.(host)) ?? wellKnown[host] },
  });
  return { http, resolver, transport: new HttpFederationTransport(http, discovery, systemRuntime.clock) };
}

/** Asks for `answered`. */
export async function ask(transport: HttpFederationTransport, destination: string, timeoutMs = 5000): Promise<string> {
  const request = { destination, method: 'GET', path: '/_matrix/x/%2E%2E/y?a=b', headers: {}, timeoutMs };
  const response = await transport.exchange(request);
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return `${response.status} ${Buffer.concat(pieces).toString()}`;
}

export const answered = '200 {"url":"/_matrix/x/%2E%2E/y?a=b"}';

export function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
