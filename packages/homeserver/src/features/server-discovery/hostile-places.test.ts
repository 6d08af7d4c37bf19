import { AddressRules } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { startPlainServer } from './testing/raw-server.ts';
import { answered, ask, endAfterEach, freePort, peer, transportIn } from './testing/transport-world.ts';

endAfterEach();

const srv = (name: string): string => `_matrix-fed._tcp.${name}`;

describe('SRV records', () => {
  it('by the hundred cost a few tries', async () => {
    const { peer: them, port } = await peer();
    const closed = await freePort();
    let looked = 0;
    const many = Array.from({ length: 300 }, (_none, i) => ({ target: `n${i}.test`, port: closed }));
    const { transport } = transportIn({
      services: { [srv('a.test')]: [...many, { target: 'b.test', port }] },
      http: {
        resolver: {
          addresses: async () => {
            looked++;
            return ['127.0.0.1'];
          },
          services: async () => [],
        },
      },
    });
    await expect(ask(transport, 'a.test')).rejects.toMatchObject({ kind: 'unreachable' });
    expect(looked).toBe(8);
    expect(them.received).toEqual([]);
  });

  it.each([
    ['', 8448],
    ['a.test', 0],
    ['a.test', 65_536],
    ['a.test', -1],
    ['a.test', Number.NaN],
    ['a.test/x', 8448],
    ['user@a.test', 8448],
    ['a.test?x#y', 8448],
    ['a test', 8448],
    ['a.test\r\nx: y', 8448],
    ['a.test\0', 8448],
    ['x'.repeat(300), 8448],
    ['ä.test', 8448],
    ['%61.test', 8448],
  ])('that lead to %j port %d lead nowhere', async (target, port) => {
    const looked: string[] = [];
    const addresses = async (host: string): Promise<string[]> => (looked.push(host), ['127.0.0.1']);
    const { transport } = transportIn({
      services: { [srv('a.test')]: [{ target, port }] },
      http: { resolver: { addresses, services: async () => [] } },
    });
    await expect(ask(transport, 'a.test')).rejects.toMatchObject({ kind: 'unreachable' });
    expect(looked).toEqual([]);
  });

  it.each(['127.0.0.1', '::1', '::ffff:7f00:1', '0x7f.1', '2130706433', 'inside.test', 'INSIDE.test'])(
    'that lead inside by %s lead nowhere',
    async (target) => {
      const { peer: them, port } = await peer();
      const { transport } = transportIn({
        addresses: { 'inside.test': ['127.0.0.1'] },
        services: { [srv('a.test')]: [{ target, port }] },
        http: { rules: new AddressRules(['127.0.0.0/8', '::1/128']) },
      });
      await expect(ask(transport, 'a.test')).rejects.toMatchObject({ name: 'FederationError' });
      expect(them.received).toEqual([]);
    },
  );

  it('of places that keep silent cost no more together than one', async () => {
    const port = await startPlainServer(() => {});
    const silent = Array.from({ length: 8 }, (_none, i) => ({ target: `n${i}.test`, port }));
    const addresses = Object.fromEntries(silent.map(({ target }) => [target, ['127.0.0.1']]));
    const { transport } = transportIn({ addresses, services: { [srv('a.test')]: silent } });
    const begin = performance.now();
    await expect(ask(transport, 'a.test', 500)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(performance.now() - begin).toBeLessThan(2_500);
  });
});

describe('a name that leads to others', () => {
  it('does not change what those lead to', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({
      addresses: { 'b.test': ['127.0.0.1'], 'c.test': ['127.0.0.1'] },
      // A name that delegates to another one, which delegates elsewhere itself: only the first word counts.
      wellKnown: { 'a.test': 'b.test', 'b.test': `c.test:${port}` },
      services: { [srv('b.test')]: [{ target: 'c.test', port: await freePort() }] },
    });
    await expect(ask(transport, 'a.test')).rejects.toMatchObject({ kind: 'unreachable', destination: 'a.test' });
    expect(them.received).toEqual([]);
    expect(await ask(transport, 'b.test')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(`c.test:${port}`);
  });

  it('does not keep who has given up waiting', async () => {
    const { transport } = transportIn({ slow: () => new Promise(() => {}) });
    const request = { destination: 'a.test', method: 'GET', path: '/x', headers: {}, timeoutMs: 60_000 };
    const signal = AbortSignal.timeout(50);
    await expect(transport.exchange({ ...request, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(transport.exchange({ ...request, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
