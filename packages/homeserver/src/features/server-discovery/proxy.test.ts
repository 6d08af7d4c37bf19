import { connect, createServer } from 'node:net';
import { AddressRules, ProxyRules } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { ask, answered, atEnd, endAfterEach, noProxy, peer, portOf, transportIn } from './testing/transport-world.ts';

endAfterEach();

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
    atEnd(() => proxy.close());
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
    const ranges = new ProxyRules({
      ...noProxy,
      httpsProxy: 'proxy.test',
      noProxyHosts: ['10.1.0.0/16', '[2001:db8::1]', 'fd00::/8', '192.168.0.0/99', 'a.test/8'],
    });
    const around = (host: string): boolean => ranges.proxyFor('https:', host, 443) === undefined;
    expect(['10.1.2.3', '2001:db8::1', '2001:db8:0::1', 'fd12::1', '::ffff:10.1.2.3'].every(around)).toBe(true);
    expect(['10.2.0.1', '2001:db8::2', '192.168.0.1', 'a.test', '10.1.0.0.test'].some(around)).toBe(false);
    const none = new ProxyRules({ ...noProxy, httpsProxy: 'https://proxy.test', noProxyHosts: ['*'] });
    expect(none.proxyFor('https:', 'd.test', 443)).toBeUndefined();
  });
});
