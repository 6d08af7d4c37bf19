import { describeDatabases } from '@myelin/database/testing';
import { signJson, type JsonObject } from '@myelin/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerOf, day, keyOf, start, KeyWorld } from './testing/key-world.ts';

describeDatabases((open) => {
  let world: KeyWorld;
  beforeEach(async () => {
    world = await KeyWorld.build(open);
  });

  describe('a trusted key server', () => {
    const trusted = {
      trusted_key_servers: [{ server_name: 'n.test', verify_keys: { 'ed25519:n': keyOf('n').publicKey } }],
    };
    beforeEach(async () => {
      world = await KeyWorld.build(open, trusted);
    });
    const vouched = (answer: JsonObject): JsonObject => signJson(answer, 'n.test', keyOf('n'));

    it('is asked for those that do not answer', async () => {
      world.notaries['n.test'] = () => [vouched(answerOf('a.test'))];
      expect(await world.has('a.test')).toBe(true);
      expect(world.asked).toEqual(['a.test', 'notary n.test']);
    });

    it('is asked first, once, for many', async () => {
      const many = Array.from({ length: 50 }, (_none, i) => `s${i}.test`);
      world.notaries['n.test'] = ({ server_keys: wanted }) => {
        expect((wanted as JsonObject)['s1.test']).toEqual({ 'ed25519:1': { minimum_valid_until_ts: world.now } });
        return many.slice(1).map((server) => vouched(answerOf(server)));
      };
      world.servers['s0.test'] = answerOf('s0.test');
      const find = await world.ring.keysFor(
        many.map((server) => ({ server, keyIds: ['ed25519:1'], at: world.now, enforceValidity: true })),
      );
      expect(many.filter((server) => find(server, 'ed25519:1'))).toEqual(many);
      expect(world.asked).toEqual(['notary n.test', 's0.test']);
    });

    it.each<[string, () => JsonObject]>([
      ['without its signature', () => answerOf('a.test')],
      ['with a signature by another key', () => signJson(answerOf('a.test'), 'n.test', keyOf('m'))],
      ["without the server's own signature", () => vouched(answerOf('a.test', { by: [] }))],
      ['of another server', () => vouched(answerOf('b.test', { name: 'a.test' }))],
    ])('is not believed %s', async (_name, answer) => {
      world.notaries['n.test'] = () => [answer()];
      expect(await world.has('a.test')).toBe(false);
    });

    it('cannot take back what the server itself said', async () => {
      world.servers['a.test'] = answerOf('a.test', { until: start + 2 * day });
      expect(await world.has('a.test')).toBe(true);
      world.notaries['n.test'] = () => [
        vouched(answerOf('a.test', { current: ['2'], old: { '1': start - 9 * day }, until: start })),
      ];
      world.servers['a.test'] = undefined;
      world.now += 11_000;
      expect(await world.has('a.test', '2')).toBe(false);
      expect(await world.has('a.test')).toBe(true);
    });
  });

  describe('as a notary', () => {
    const ask = (server: string, criteria: Record<string, number | undefined> = {}) =>
      world.notary.query(new Map([[server, new Map(Object.entries(criteria))]]));

    it("passes on the server's answer, signed by both", async () => {
      world.servers['a.test'] = answerOf('a.test');
      const [answer, ...more] = (await ask('a.test')) as any[];
      expect(more).toEqual([]);
      expect(answer).toMatchObject({
        server_name: 'a.test',
        verify_keys: { 'ed25519:1': { key: keyOf('1').publicKey } },
      });
      expect(Object.keys(answer.signatures).toSorted()).toEqual(['a.test', 'us.test']);
      await ask('a.test', { 'ed25519:1': start + day });
      expect(world.asked).toEqual(['a.test']);
    });

    it('asks again for what must hold longer, and gives the last that it has', async () => {
      world.servers['a.test'] = answerOf('a.test');
      await ask('a.test');
      world.now += 12 * 3_600_000;
      world.servers['a.test'] = undefined;
      expect(await ask('a.test', { 'ed25519:1': start + 2 * day })).toMatchObject([{ valid_until_ts: start + day }]);
      world.servers['a.test'] = answerOf('a.test', { until: start + 3 * day });
      world.now += 3_600_000;
      expect(await ask('a.test', { 'ed25519:1': start + 2 * day })).toMatchObject([
        { valid_until_ts: start + 3 * day },
      ]);
      world.now += 30 * day;
      world.servers['a.test'] = undefined;
      expect(await ask('a.test')).toMatchObject([{ valid_until_ts: start + 3 * day }]);
    });

    it('keeps a good answer when a spurious one comes', async () => {
      world.servers['a.test'] = answerOf('a.test', { until: start + 2 * day });
      await ask('a.test');
      world.now += 3_600_000;
      world.servers['a.test'] = answerOf('a.test', { current: ['2'], until: start - day });
      await ask('a.test', { 'ed25519:1': start + 3 * day });
      expect(await ask('a.test', { 'ed25519:1': undefined })).toMatchObject([{ valid_until_ts: start + 2 * day }]);
    });

    it('knows its own keys, and nothing of those that are not there', async () => {
      expect(await ask('us.test')).toMatchObject([{ server_name: 'us.test' }]);
      expect(await ask('nowhere.test')).toEqual([]);
      expect(await ask('not a name')).toEqual([]);
      expect(world.asked).toEqual(['nowhere.test']);
    });
  });
});
