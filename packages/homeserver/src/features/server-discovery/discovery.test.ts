import { SeededBytes } from './testing/seeded-bytes.ts';
import type { Resolver, ServiceRecord } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { ServerDiscovery } from './discovery.ts';
import { inOrder } from './services.ts';

type Services = Record<string, ServiceRecord[] | 'silent'>;

const record = (target: string, port: number, priority = 1, weight = 1): ServiceRecord => ({
  target,
  port,
  priority,
  weight,
});

function discoveryOf(wellKnown: Record<string, string> = {}, services: Services = {}) {
  const asked: string[] = [];
  let now = 0;
  const resolver: Resolver = {
    addresses: async () => [],
    services: async (name) => {
      asked.push(name);
      const found = services[name] ?? [];
      if (found === 'silent') throw new Error('nobody answers');
      return found;
    },
  };
  const discovery = new ServerDiscovery({
    resolver,
    random: new SeededBytes(1),
    clock: { now: () => now, monotonic: () => now },
    wellKnown: {
      serverOf: async (host) => {
        asked.push(`well-known of ${host}`);
        return wellKnown[host];
      },
    },
  });
  return { discovery, asked, services, forward: (ms: number) => (now += ms) };
}

/** The steps of Server-Server API §"Resolving server names". */
describe('a server name is resolved', () => {
  it.each([
    ['1.2.3.4', { host: '1.2.3.4', port: 8448, hostHeader: '1.2.3.4', tlsName: '1.2.3.4', by: 'literal' }],
    ['1.2.3.4:443', { host: '1.2.3.4', port: 443, hostHeader: '1.2.3.4:443', tlsName: '1.2.3.4', by: 'literal' }],
    ['[::1]', { host: '::1', port: 8448, hostHeader: '[::1]', tlsName: '::1', by: 'literal' }],
    [
      '[2001:db8::1]:1',
      { host: '2001:db8::1', port: 1, hostHeader: '[2001:db8::1]:1', tlsName: '2001:db8::1', by: 'literal' },
    ],
    ['a.test:80', { host: 'a.test', port: 80, hostHeader: 'a.test:80', tlsName: 'a.test', by: 'port' }],
  ])('%s without asking anybody (1, 2)', async (name, place) => {
    const { discovery, asked } = discoveryOf({ 'a.test': 'b.test' });
    expect(await discovery.resolve(name)).toEqual({ delegated: undefined, places: [place] });
    expect(asked).toEqual([]);
  });

  it.each([
    ['1.2.3.4', { host: '1.2.3.4', port: 8448, hostHeader: '1.2.3.4', tlsName: '1.2.3.4', by: 'literal' }],
    ['[::1]:2', { host: '::1', port: 2, hostHeader: '[::1]:2', tlsName: '::1', by: 'literal' }],
    ['b.test:80', { host: 'b.test', port: 80, hostHeader: 'b.test:80', tlsName: 'b.test', by: 'port' }],
    ['b.test', { host: 'b.test', port: 8448, hostHeader: 'b.test', tlsName: 'b.test', by: 'default-port' }],
  ])('that delegates to %s (3.1, 3.2, 3.5)', async (delegated, place) => {
    const { discovery } = discoveryOf({ 'a.test': delegated });
    expect(await discovery.resolve('a.test')).toEqual({ delegated, places: [place] });
  });

  it.each([
    ['_matrix-fed._tcp', 'srv'],
    ['_matrix._tcp', 'old-srv'],
  ])('by SRV %s of what it delegates to (3.3, 3.4)', async (service, by) => {
    const { discovery } = discoveryOf({ 'a.test': 'b.test' }, { [`${service}.b.test`]: [record('c.test', 7)] });
    const { places } = await discovery.resolve('a.test');
    expect(places).toEqual([{ host: 'c.test', port: 7, hostHeader: 'b.test', tlsName: 'b.test', by }]);
  });

  it.each([
    ['_matrix-fed._tcp', 'srv'],
    ['_matrix._tcp', 'old-srv'],
  ])('by SRV %s of its own (4, 5)', async (service, by) => {
    const { discovery } = discoveryOf({}, { [`${service}.a.test`]: [record('c.test', 7)] });
    const { places } = await discovery.resolve('a.test');
    expect(places).toEqual([{ host: 'c.test', port: 7, hostHeader: 'a.test', tlsName: 'a.test', by }]);
  });

  it('by the newer service before the older one', async () => {
    const services = { '_matrix-fed._tcp.a.test': [record('n.test', 1)], '_matrix._tcp.a.test': [record('o.test', 2)] };
    const { discovery, asked } = discoveryOf({}, services);
    expect((await discovery.resolve('a.test')).places.map(({ host }) => host)).toEqual(['n.test']);
    expect(asked).toEqual(['well-known of a.test', '_matrix-fed._tcp.a.test']);
  });

  it('at its own name and port 8448 where nothing else is said (6)', async () => {
    const { discovery } = discoveryOf();
    const { places } = await discovery.resolve('a.test');
    expect(places).toEqual([
      { host: 'a.test', port: 8448, hostHeader: 'a.test', tlsName: 'a.test', by: 'default-port' },
    ]);
  });

  it('to nothing where it says that it is nowhere', async () => {
    const { discovery } = discoveryOf({}, { '_matrix-fed._tcp.a.test': [record('', 0)] });
    expect((await discovery.resolve('a.test')).places).toEqual([]);
  });

  it('without SRV where no name server answers, which is asked again later', async () => {
    const { discovery, asked, services, forward } = discoveryOf({}, { '_matrix-fed._tcp.a.test': 'silent' });
    expect((await discovery.resolve('a.test')).places[0]).toMatchObject({ by: 'default-port' });
    services['_matrix-fed._tcp.a.test'] = [record('c.test', 7)];
    forward(10_000);
    expect((await discovery.resolve('a.test')).places[0]).toMatchObject({ by: 'default-port' });
    forward(30_000);
    expect((await discovery.resolve('a.test')).places[0]).toMatchObject({ by: 'srv' });
    // What was found holds on while nobody answers.
    services['_matrix-fed._tcp.a.test'] = 'silent';
    forward(3_600_000);
    expect((await discovery.resolve('a.test')).places[0]).toMatchObject({ by: 'srv' });
    expect(asked.filter((name) => name.startsWith('_matrix-fed'))).toHaveLength(3);
  });
});

describe('SRV records', () => {
  it('are tried by priority, then by weight', () => {
    const records = [record('last', 1, 9), record('light', 1, 1, 1), record('heavy', 1, 1, 99)];
    const first = { light: 0, heavy: 0, last: 0 };
    const random = new SeededBytes(7);
    for (let i = 0; i < 1000; i++) {
      const ordered = inOrder(records, random).map(({ target }) => target);
      expect(ordered).toHaveLength(3);
      expect(ordered[2]).toBe('last');
      first[ordered[0] as keyof typeof first]++;
    }
    expect(first.last).toBe(0);
    expect(first.light).toBeGreaterThan(0);
    expect(first.heavy).toBeGreaterThan(950);
  });
});
