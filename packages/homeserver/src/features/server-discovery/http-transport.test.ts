import { createServer, type Server } from 'node:net';
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AddressRules,
  ProxyRules,
  systemRuntime,
  UndiciHttp,
  type Resolver,
  type UndiciHttpOptions,
} from '@myelin/runtime';
import { expiredCertificate, otherNameCertificate, testAuthority, TestPeer } from '@myelin/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ServerDiscovery } from './discovery.ts';
import { HttpFederationTransport } from './http-transport.ts';
import { WellKnownCache } from './well-known.ts';

const authorities = [readFileSync(testAuthority, 'utf8')];
const noProxy = { httpProxy: undefined, httpsProxy: undefined, noProxyHosts: [] };

/** Ends what a test started. */
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function peer(options: Parameters<typeof TestPeer.start>[0] = {}): Promise<{ peer: TestPeer; port: number }> {
  const started = await TestPeer.start({ handler: ({ url }) => ({ body: { url } }), ...options });
  ends.push(() => started.stop());
  return { peer: started, port: Number(started.serverName.split(':')[1]) };
}

interface World {
  readonly addresses?: Record<string, string[]>;
  readonly services?: Record<string, { target: string; port: number }[]>;
  readonly wellKnown?: Record<string, string>;
  readonly http?: Partial<UndiciHttpOptions>;
}

function transportIn({ addresses = {}, services = {}, wellKnown = {}, http: options = {} }: World = {}) {
  const resolver: Resolver = {
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
  ends.push(() => http.close());
  const discovery = new ServerDiscovery({
    ...systemRuntime,
    resolver,
    wellKnown: { serverOf: async (host) => wellKnown[host] },
  });
  return { http, resolver, transport: new HttpFederationTransport(http, discovery) };
}

async function ask(transport: HttpFederationTransport, destination: string, timeoutMs = 5000): Promise<string> {
  const request = { destination, method: 'GET', path: '/_matrix/x/%2E%2E/y?a=b', headers: {}, timeoutMs };
  const response = await transport.exchange(request);
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return `${response.status} ${Buffer.concat(pieces).toString()}`;
}

const answered = '200 {"url":"/_matrix/x/%2E%2E/y?a=b"}';

describe('over TLS', () => {
  it('reaches an address with a port, and tells no name', async () => {
    const { peer: them } = await peer({ host: '127.0.0.1' });
    const { transport } = transportIn();
    expect(await ask(transport, them.serverName)).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(them.serverName);
  });

  it('reaches a name with a port', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({ addresses: { 'a.test': ['127.0.0.1'] } });
    expect(await ask(transport, `a.test:${port}`)).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(`a.test:${port}`);
  });

  it('reaches what a name delegates to, with the name of that', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({
      addresses: { 'b.example': ['127.0.0.1'] },
      wellKnown: { 'a.invalid': `b.example:${port}` },
    });
    expect(await ask(transport, 'a.invalid')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(`b.example:${port}`);
  });

  it('reaches where SRV leads, with the name that was looked for', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({
      addresses: { 'host.invalid': ['127.0.0.1'] },
      services: { '_matrix-fed._tcp.a.test': [{ target: 'host.invalid', port }] },
    });
    expect(await ask(transport, 'a.test')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe('a.test');
  });

  it('goes on to the next place of SRV, and the next address of a name', async () => {
    const { port } = await peer();
    const closed = await freePort();
    const { transport } = transportIn({
      addresses: { 'one.invalid': ['127.0.0.1'], 'two.invalid': ['::ffff:0:1', '127.0.0.1'] },
      services: {
        '_matrix-fed._tcp.a.test': [
          { target: 'nowhere.invalid', port: 1 },
          { target: 'one.invalid', port: closed },
          { target: 'two.invalid', port },
        ],
      },
    });
    expect(await ask(transport, 'a.test')).toBe(answered);
  });

  it.each([
    ['of another name', otherNameCertificate],
    ['that has expired', expiredCertificate],
  ])('refuses a certificate %s, unless told not to look', async (_name, certificate) => {
    const { peer: them, port } = await peer({ certificate });
    const addresses = { 'a.test': ['127.0.0.1'] };
    const { transport } = transportIn({ addresses });
    await expect(ask(transport, `a.test:${port}`)).rejects.toMatchObject({
      name: 'FederationError',
      kind: 'unreachable',
    });
    expect(them.received).toEqual([]);
    const careless = transportIn({ addresses, http: { tls: { authorities, verifies: (name) => name !== 'a.test' } } });
    expect(await ask(careless.transport, `a.test:${port}`)).toBe(answered);
  });

  it('refuses an authority that nobody trusts', async () => {
    const { port } = await peer();
    const { transport } = transportIn({ addresses: { 'a.test': ['127.0.0.1'] }, http: { tls: {} } });
    await expect(ask(transport, `a.test:${port}`)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it.each(['nowhere.invalid', 'nowhere.invalid:1', '127.0.0.1:1'])('says that %s is unreachable', async (name) => {
    const { transport } = transportIn();
    await expect(ask(transport, name)).rejects.toMatchObject({ kind: 'unreachable', destination: name });
  });

  it('waits no longer than it was told', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    ends.push(() => silent.close());
    const { transport } = transportIn();
    await expect(ask(transport, `127.0.0.1:${portOf(silent)}`, 200)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('gives up what creeps', async () => {
    const { peer: them } = await peer({ host: '127.0.0.1' });
    let pieces = 0;
    them.handler = () => ({
      pour: (response) => {
        const timer = setInterval(() => (pieces++, response.write(' ')), 50);
        response.on('close', () => clearInterval(timer));
      },
    });
    const { transport } = transportIn();
    await expect(ask(transport, them.serverName, 100)).rejects.toThrow(/too long|terminated|aborted/);
    expect(pieces).toBeLessThan(40);
  });

  it('ends with what breaks off', async () => {
    const { peer: them } = await peer({ host: '127.0.0.1' });
    them.handler = () => ({ headers: { 'content-length': '1000' }, body: 'short' });
    const { transport } = transportIn();
    await expect(ask(transport, them.serverName, 300)).rejects.toThrow(/terminated|aborted|timeout|closed/i);
  });
});

describe('addresses that are not to be reached', () => {
  const rules = new AddressRules(['127.0.0.0/8', '::1/128', '0.0.0.0', '::', '10.0.0.0/8'], ['10.1.0.0/16']);

  it.each([
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::7f00:1]',
    '10.2.3.4',
    '2130706433',
    '0x7f000001',
    '127.1',
  ])('as a literal: %s', async (address) => {
    const { port } = await peer();
    const { transport } = transportIn({ http: { rules } });
    await expect(ask(transport, `${address}:${port}`)).rejects.toMatchObject({ kind: 'not-allowed' });
  });

  it('behind a name, a delegation, SRV', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({
      addresses: { 'a.test': ['127.0.0.1', '::1'] },
      wellKnown: { 'b.test': `a.test:${port}`, 'c.test': `127.0.0.1:${port}` },
      services: { '_matrix-fed._tcp.d.test': [{ target: 'a.test', port }] },
      http: { rules },
    });
    for (const name of [`a.test:${port}`, 'b.test', 'c.test', 'd.test']) {
      await expect(ask(transport, name)).rejects.toMatchObject({ kind: 'not-allowed', destination: name });
    }
    expect(them.received).toEqual([]);
  });

  it('are not connected to though a name leads elsewhere too', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({ addresses: { 'a.test': ['127.0.0.1', '10.1.0.0'] }, http: { rules } });
    const outcome = ask(transport, `a.test:${port}`, 300);
    await expect(outcome).rejects.toMatchObject({ kind: 'unreachable' });
    expect(them.received).toEqual([]);
  });

  it('are looked up once: a name that leads elsewhere the second time gains nothing', async () => {
    const { port } = await peer();
    let asked = 0;
    const resolver: Resolver = {
      addresses: async () => (asked++ === 0 ? ['127.0.0.1'] : ['10.9.9.9']),
      services: async () => [],
    };
    const { transport } = transportIn({ http: { resolver, rules: new AddressRules(['10.0.0.0/8']) } });
    expect(await ask(transport, `a.test:${port}`)).toBe(answered);
    expect(asked).toBe(1);
  });
});

describe('redirects of /.well-known', () => {
  const wellKnownOf = (http: UndiciHttp) => new WellKnownCache({ ...systemRuntime, http, userAgent: 'test' });

  it('are followed, but not to addresses that are not to be reached, without TLS, or without an end', async () => {
    const { peer: them, port } = await peer();
    const inside = createHttpServer((_request, response) => response.end('{"m.server":"inside.test"}'));
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.2', resolve));
    ends.push(() => inside.close());
    const { http } = transportIn({ http: { rules: new AddressRules(['127.0.0.2/32']) } });
    const insidePort = portOf(inside);
    const leads: Record<string, string> = {
      '/one': `https://127.0.0.1:${port}/good`,
      '/relative': '/good',
      '/inside': `https://127.0.0.2:${insidePort}/`,
      '/plain': `http://127.0.0.1:${port}/good`,
      '/round': '/round',
      '/odd': 'file:///etc/passwd',
      '/user': `https://a:b@127.0.0.1:${port}/good`,
    };
    them.handler = ({ url }) => {
      const location = leads[url];
      if (location) return { status: 302, headers: { location } };
      return { body: { 'm.server': 'found.test' } };
    };
    const get = async (path: string): Promise<string> => {
      const request = { url: `https://127.0.0.1:${port}${path}`, method: 'GET', timeoutMs: 2000, redirects: 5 };
      try {
        const { body } = await http.request(request);
        for await (const piece of body) return Buffer.from(piece).toString();
        return '';
      } catch (error) {
        return String((error as { kind?: string }).kind);
      }
    };
    expect(await get('/one')).toContain('found.test');
    expect(await get('/relative')).toContain('found.test');
    expect(await get('/inside')).toBe('denied');
    for (const path of ['/plain', '/round', '/odd', '/user']) expect(await get(path)).toBe('redirect');
    expect(await wellKnownOf(http).serverOf(`127.0.0.1:${port}`)).toBe('found.test');
  });
});

describe('a proxy', () => {
  /** Takes CONNECT, remembers to where, and leads there (to this machine). */
  async function startProxy(refuses = false): Promise<{ heads: string[]; port: number }> {
    const heads: string[] = [];
    const proxy = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        heads.push(data.toString());
        if (refuses) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        const port = Number(/^CONNECT \S+:([0-9]+) /.exec(data.toString())?.[1]);
        const onward = connect(port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          socket.pipe(onward).pipe(socket);
        });
        onward.on('error', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    ends.push(() => proxy.close());
    return { heads, port: portOf(proxy) };
  }

  it('is spoken through, the name is left to it, and the certificate is looked at', async () => {
    const proxy = await startProxy();
    const { port } = await peer();
    const proxies = new ProxyRules({ ...noProxy, httpsProxy: `http://me:secret@127.0.0.1:${proxy.port}` });
    const { transport } = transportIn({ http: { proxies } });
    expect(await ask(transport, `a.test:${port}`)).toBe(answered);
    expect(proxy.heads[0]).toBe(
      `CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n`,
    );
    await expect(ask(transport, `a.invalid:${port}`)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('is not asked for addresses that are not to be reached', async () => {
    const proxy = await startProxy();
    const proxies = new ProxyRules({ ...noProxy, httpsProxy: `127.0.0.1:${proxy.port}` });
    const { transport } = transportIn({ http: { proxies, rules: new AddressRules(['10.0.0.0/8']) } });
    await expect(ask(transport, '10.0.0.1:443')).rejects.toMatchObject({ kind: 'not-allowed' });
    expect(proxy.heads).toEqual([]);
  });

  it('that refuses makes servers unreachable, without a word of its password', async () => {
    const proxy = await startProxy(true);
    const proxies = new ProxyRules({ ...noProxy, httpsProxy: `http://me:secret@127.0.0.1:${proxy.port}` });
    const { transport } = transportIn({ http: { proxies } });
    const error = await ask(transport, 'a.test:443').catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ kind: 'unreachable' });
    expect(String((error as Error).message)).not.toContain('secret');
  });

  it('is passed by for the hosts that say so', () => {
    const rules = new ProxyRules({
      httpProxy: 'http://proxy.test',
      httpsProxy: 'proxy.test:80',
      noProxyHosts: ['a.test', '.b.test', 'c.test:8448', '10.0.0.1', ''],
    });
    const isDirect = (host: string, port = 443): boolean => rules.proxyFor('https:', host, port) === undefined;
    expect(['a.test', 'x.a.test', 'A.test', 'b.test', 'x.b.test', '10.0.0.1'].every((host) => isDirect(host))).toBe(
      true,
    );
    expect(['xa.test', 'test', 'c.test', '10.0.0.11'].some((host) => isDirect(host))).toBe(false);
    expect(isDirect('c.test', 8448)).toBe(true);
    expect(rules.proxyFor('http:', 'd.test', 80)).toMatchObject({ host: 'proxy.test', port: 1080, scheme: 'http' });
    expect(rules.proxyFor('https:', 'd.test', 443)).toMatchObject({ host: 'proxy.test', port: 80 });
    const none = new ProxyRules({ ...noProxy, httpsProxy: 'https://proxy.test', noProxyHosts: ['*'] });
    expect(none.proxyFor('https:', 'd.test', 443)).toBeUndefined();
  });
});

function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
