import { createServer } from 'node:http';
import { AddressRules, systemRuntime, type Resolver, type UndiciHttp } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { ask, answered, atEnd, endAfterEach, peer, portOf, transportIn } from './testing/transport-world.ts';
import { WellKnownCache } from './well-known.ts';

endAfterEach();

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
    const inside = createServer((_request, response) => response.end('{"m.server":"inside.test"}'));
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.2', resolve));
    atEnd(() => inside.close());
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
    expect(them.received.filter(({ url }) => url === '/round')).toHaveLength(6);
    expect(await wellKnownOf(http).serverOf(`127.0.0.1:${port}`)).toBe('found.test');
  });
});
