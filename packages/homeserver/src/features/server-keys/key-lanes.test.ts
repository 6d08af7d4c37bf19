import { describeDatabases } from '@myelin/database/testing';
import type { JsonObject } from '@myelin/protocol';
import { ManualTime } from '@myelin/runtime/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sourceOf } from './name-source.ts';
import { answerOf, day, KeyWorld } from './testing/key-world.ts';

const ofOneDomain = Array.from({ length: 1000 }, (_none, i) => `s${i}.silent.example`);
const ofManyDomains = Array.from({ length: 1000 }, (_none, i) => `silent${i}.example`);
/** A silent server has its place for five seconds; what comes then has to be stored. */
const placeMs = 6_000;
/** Callers wait no longer. */
const longestWait = 15_000;

describeDatabases((open) => {
  let time: ManualTime;
  let world: KeyWorld;
  const build = async (config = {}): Promise<void> => {
    time = new ManualTime();
    world = await KeyWorld.build(open, config, undefined, time);
    world.isSilent = (server) => server.includes('silent');
  };
  beforeEach(() => build());

  /** Time passes until it is done, or for as long as callers wait: what came of it, and how long it took in ms. */
  async function timed(work: Promise<boolean>): Promise<{ found: boolean; ms: number }> {
    let done = false;
    void work.finally(() => (done = true));
    for (let i = 0; i < 20 && !done; i++) await turns();
    for (let ms = 0; ; ms += 250) {
      await turns();
      if (done || ms > longestWait) return { found: await work, ms };
      time.advance(250);
      world.now += 250;
    }
  }

  async function turns(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Once the database has told what it knows of them; who waits for them is to look at `all`. */
  const askForAll = async (servers: readonly string[], name = '1'): Promise<{ all: Promise<boolean>[] }> => {
    const all = servers.map((server) => world.has(server, name));
    for (let before = -1; before < world.asked.length;) {
      before = world.asked.length;
      for (let i = 0; i < 10; i++) await turns();
    }
    return { all };
  };

  describe.each([
    ['of one domain', ofOneDomain],
    ['of a domain each', ofManyDomains],
  ])('a thousand silent servers %s', (_name, silent) => {
    it("don't hold up a new key of a server that is known", async () => {
      world.servers['known.test'] = answerOf('known.test');
      expect(await world.has('known.test')).toBe(true);
      world.now += 11_000;
      world.servers['known.test'] = answerOf('known.test', { current: ['2'], until: world.now + day });
      world.again();
      await askForAll(silent);
      expect(await timed(world.has('known.test', '2'))).toEqual({ found: true, ms: 0 });
    });

    it("don't hold up a stranger for longer than one of them has its place", async () => {
      world.servers['new.test'] = answerOf('new.test');
      await askForAll(silent);
      const { found, ms } = await timed(world.has('new.test'));
      expect(found).toBe(true);
      expect(ms).toBeLessThanOrEqual(silent === ofOneDomain ? 0 : placeMs);
    });

    it("don't hold up what another server asks us as a notary", async () => {
      world.servers['new.test'] = answerOf('new.test');
      const all = new Map(silent.slice(0, 250).map((server) => [server, new Map()]));
      void world.notary.query(all);
      await turns();
      const asked = world.notary.query(new Map([['new.test', new Map()]])).then((given) => given.length === 1);
      const { found, ms } = await timed(asked);
      expect(found).toBe(true);
      expect(ms).toBeLessThanOrEqual(placeMs);
    });

    it('are asked few at a time, and those that wait too long are given up', async () => {
      const { all } = await askForAll(silent);
      expect(world.asked).toHaveLength(silent === ofOneDomain ? 4 : 40);
      const begin = performance.now();
      expect(await timed(Promise.all(all).then(() => true))).toMatchObject({ found: true });
      expect(performance.now() - begin).toBeLessThan(20_000);
      expect(world.asked.length).toBeLessThanOrEqual(silent === ofOneDomain ? 16 : 160);
    });
  });

  it("servers that were known and are gone don't hold up another for long, and once only", async () => {
    const gone = ofManyDomains.slice(0, 100);
    world.isSilent = () => false;
    for (const server of [...gone, 'known.test']) world.servers[server] = answerOf(server);
    for (const server of [...gone, 'known.test']) await world.has(server);
    world.isSilent = (server) => server.includes('silent');
    for (const server of gone) delete world.servers[server];
    world.now += 11_000;
    world.asked.splice(0);
    await askForAll(gone, '2');
    expect(world.asked).toHaveLength(20);
    world.servers['known.test'] = answerOf('known.test', { current: ['2'], until: world.now + day });
    const { found, ms } = await timed(world.has('known.test', '2'));
    expect(found).toBe(true);
    expect(ms).toBeLessThanOrEqual(placeMs);
    for (let i = 0; i < 20; i++) {
      time.advance(5_000);
      world.now += 5_000;
      await turns();
    }
    // All of them have failed now.
    await askForAll(gone, '3');
    world.servers['known.test'] = answerOf('known.test', { current: ['4'], until: world.now + day });
    expect(await timed(world.has('known.test', '4'))).toEqual({ found: true, ms: 0 });
  });

  it('who is asked for again goes before those that were asked for meanwhile', async () => {
    world.servers['new.test'] = answerOf('new.test');
    await askForAll(ofManyDomains.slice(0, 40));
    void world.has('new.test');
    await askForAll(ofManyDomains.slice(40));
    const { found, ms } = await timed(world.has('new.test'));
    expect(found).toBe(true);
    expect(ms).toBeLessThanOrEqual(placeMs);
  });

  describe('a trusted key server', () => {
    /** It is silent itself while one of those that it is asked for is. */
    const notary = async (wanted: JsonObject): Promise<JsonObject[]> => {
      const servers = Object.keys(wanted['server_keys'] as JsonObject);
      if (servers.some((server) => server.includes('silent'))) await time.sleep(10_000);
      return servers
        .filter((server) => !server.includes('silent'))
        .map((server) => answerOf(server, { current: ['2'] }));
    };
    beforeEach(async () => {
      await build({ trusted_key_servers: [{ server_name: 'n.test' }] });
      world.notaries['n.test'] = notary;
    });

    it('is asked while a server is silent', async () => {
      world.isSilent = () => true;
      const { found, ms } = await timed(world.has('new.test', '2'));
      expect(found).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(3_000);
      expect(ms).toBeLessThanOrEqual(4_000);
    });

    it.each([
      ['of one domain', ofOneDomain],
      ['of a domain each', ofManyDomains],
    ])('tells of others while strangers %s are asked for', async (_name, silent) => {
      world.servers['known.test'] = answerOf('known.test');
      expect(await world.has('known.test')).toBe(true);
      await askForAll(silent);
      time.advance(3_000);
      world.now += 11_000;
      await turns();
      expect(world.asked.filter((asked) => asked.startsWith('notary')).length).toBeLessThanOrEqual(10);
      delete world.servers['known.test'];
      const [known, stranger] = await Promise.all([
        timed(world.has('known.test', '2')),
        timed(world.has('new.test', '2')),
      ]);
      expect(known.found).toBe(true);
      expect(stranger.found).toBe(true);
    });

    it('is asked for known servers and for strangers by themselves', async () => {
      const known = ['a.test', 'b.test', 'c.test'];
      for (const server of known) world.servers[server] = answerOf(server);
      for (const server of known) await world.has(server);
      for (const server of known) delete world.servers[server];
      const needs = [...known, 'silent.test'].map((server) => ({
        server,
        keyIds: ['ed25519:2'],
        at: world.now,
        enforceValidity: true,
      }));
      const questions: string[][] = [];
      world.notaries['n.test'] = (wanted) => {
        questions.push(Object.keys(wanted['server_keys'] as JsonObject));
        return notary(wanted);
      };
      world.now += 11_000;
      void world.ring.keysFor(needs);
      await vi.waitFor(() => expect(questions).toEqual([known, ['silent.test']]), 5_000);
      expect(await timed(world.has('a.test', '2'))).toEqual({ found: true, ms: 0 });
    });
  });
});

describe('the source of a name', () => {
  it.each([
    ['example.org', 'example.org'],
    ['matrix.Example.org:8448', 'example.org'],
    ['a.b.c.example.org', 'example.org'],
    ['localhost', 'localhost'],
    ['192.0.2.7', '192.0.2'],
    ['192.0.02.8:1', '192.0.2'],
    ['[2001:db8::1]:8448', '2001:db8:0:0'],
    ['[2001:0db8:0:0:9::2]', '2001:db8:0:0'],
    ['[2001:db8:0:1::1]', '2001:db8:0:1'],
  ])('%s: %s', (name, source) => {
    expect(sourceOf(name)).toBe(source);
  });
});
