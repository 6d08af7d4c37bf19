import { describeDatabases } from '@myelin/database/testing';
import { signJson, type JsonObject } from '@myelin/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkKeyAnswer } from './key-answer.ts';
import { answerOf, day, keyOf, start, KeyWorld, type Said } from './testing/key-world.ts';

describeDatabases((open) => {
  let world: KeyWorld;
  beforeEach(async () => {
    world = await KeyWorld.build(open);
  });

  describe('a key', () => {
    it('is fetched once, and kept over restarts', async () => {
      world.servers['a.test'] = answerOf('a.test');
      expect(await Promise.all([world.has('a.test'), world.has('a.test')])).toEqual([true, true]);
      world.again();
      expect(await world.has('a.test')).toBe(true);
      expect(world.asked).toEqual(['a.test']);
    });

    it('of ours is known', async () => {
      expect(await world.has('us.test', 'a_test')).toBe(true);
      expect(await world.has('us.test', 'other')).toBe(false);
      expect(world.asked).toEqual([]);
    });

    it('holds as long as the server says, and no longer than a week', async () => {
      world.servers['a.test'] = answerOf('a.test', { until: start + 300 * day });
      expect(await world.has('a.test', '1', start + 7 * day)).toBe(true);
      world.servers['a.test'] = undefined;
      expect(await world.has('a.test', '1', start + 7 * day + 1)).toBe(false);
      expect(await world.has('a.test', '1', start + 8 * day, false)).toBe(true);
    });

    it('is fetched again when it is needed for longer', async () => {
      world.servers['a.test'] = answerOf('a.test');
      expect(await world.has('a.test')).toBe(true);
      world.now += 2 * day;
      world.servers['a.test'] = answerOf('a.test', { until: world.now + day });
      expect(await world.has('a.test')).toBe(true);
      expect(world.asked).toHaveLength(2);
    });

    it('that is old holds for what was signed before, and is not asked for again', async () => {
      world.servers['a.test'] = answerOf('a.test', { current: ['2'], old: { '1': start - day } });
      expect(await world.has('a.test', '1', start - day)).toBe(true);
      expect(await world.has('a.test', '1', start - day + 1)).toBe(false);
      expect(await world.has('a.test', '1', start, false)).toBe(true);
      expect(world.asked).toHaveLength(1);
    });

    it('for several times holds for each by itself', async () => {
      world.servers['a.test'] = answerOf('a.test', { current: ['2'], old: { '1': start - day } });
      const needs = [start - 2 * day, start].map((at) => ({
        server: 'a.test',
        keyIds: ['ed25519:1'],
        at,
        enforceValidity: true,
      }));
      const set = await world.ring.keySetFor(needs);
      expect(set.at(start - 2 * day, true)('a.test', 'ed25519:1')).toBeDefined();
      expect(set.at(start, true)('a.test', 'ed25519:1')).toBeUndefined();
      expect(set.at(start, false)('a.test', 'ed25519:1')).toBeDefined();
      expect((await world.ring.keysFor(needs))('a.test', 'ed25519:1')).toBeUndefined();
    });

    it('that a server takes back holds no more, though it said otherwise', async () => {
      world.servers['a.test'] = answerOf('a.test', { until: start + 6 * day });
      expect(await world.has('a.test', '1', start + 2 * day)).toBe(true);
      world.now += day;
      world.servers['a.test'] = answerOf('a.test', {
        current: ['2'],
        old: { '1': world.now - day / 2 },
        until: world.now + day,
      });
      expect(await world.has('a.test', '2')).toBe(true);
      expect(await world.has('a.test', '1')).toBe(false);
      world.again();
      expect(await world.has('a.test', '1')).toBe(false);
    });
  });

  describe('an answer is not believed', () => {
    it.each<[string, Said | JsonObject]>([
      ['of another server', { name: 'b.test' }],
      ['without a signature', { by: [] }],
      ['signed by a key that it does not show', { by: ['9'] }],
      ['signed by an old key only', { current: ['2'], old: { '1': start }, by: ['1'] }],
      ['with too many keys', { current: Array.from({ length: 101 }, (_none, i) => String(i)), by: ['1'] }],
    ])('%s', async (_name, said) => {
      world.servers['a.test'] = answerOf('a.test', said as Said);
      expect(await world.has('a.test')).toBe(false);
    });

    it('that was changed after it was signed', async () => {
      world.servers['a.test'] = { ...answerOf('a.test'), valid_until_ts: start + 2 * day };
      expect(await world.has('a.test')).toBe(false);
    });

    it.each([
      ['no keys', { verify_keys: {} }],
      ['a key that is none', { verify_keys: { 'ed25519:1': { key: 'AAAA' } } }],
      ['a key of another kind', { verify_keys: { 'rsa:1': { key: keyOf('1').publicKey } } }],
      ['keys that are no object', { verify_keys: [] }],
      ['a time that is none', { valid_until_ts: 'soon' }],
      ['a negative time', { valid_until_ts: -1 }],
    ])('with %s', (_name, change) => {
      const answer = signJson({ ...answerOf('a.test', { by: [] }), ...change } as JsonObject, 'a.test', keyOf('1'));
      expect(checkKeyAnswer(answer, 'a.test', start)).toBeUndefined();
    });
  });

  describe('a server', () => {
    it('that does not answer is left alone, for longer each time', async () => {
      for (let i = 0; i < 20; i++) await world.has('a.test');
      expect(world.asked).toHaveLength(1);
      world.now += 31_000;
      for (let i = 0; i < 20; i++) await world.has('a.test');
      expect(world.asked).toHaveLength(2);
      world.now += 31_000;
      await world.has('a.test');
      expect(world.asked).toHaveLength(2);
      world.now += 30_000;
      world.servers['a.test'] = answerOf('a.test');
      expect(await world.has('a.test')).toBe(true);
    });

    it('is not asked again and again for keys that it does not have', async () => {
      world.servers['a.test'] = answerOf('a.test');
      for (let i = 0; i < 100; i++) expect(await world.has('a.test', `unknown${i}`)).toBe(false);
      expect(world.asked).toHaveLength(1);
    });

    it('does not fill the tables with keys that it makes up', async () => {
      for (let i = 0; i < 12; i++) {
        const current = Array.from({ length: 20 }, (_none, at) => `${i}x${at}`);
        world.servers['a.test'] = answerOf('a.test', { current, by: [current[0] as string], until: world.now + day });
        expect(await world.has('a.test', `${i}x0`)).toBe(true);
        world.now += 11_000;
      }
      world.servers['a.test'] = undefined;
      world.again();
      expect(await world.has('a.test', '11x0')).toBe(true);
      expect(await world.has('a.test', '0x0', start, false)).toBe(false);
      const keyIds = Array.from({ length: 12 }, (_none, i): [string, number] => [`ed25519:${i}x0`, 0]);
      const shown = await world.notary.query(new Map([['a.test', new Map(keyIds)]]));
      expect(shown.length).toBeLessThan(3);
    });

    it('that does not answer does not keep others waiting', async () => {
      world.servers['b.test'] = answerOf('b.test');
      const needs = ['a.test', 'b.test'].map((server) => ({
        server,
        keyIds: ['ed25519:1'],
        at: world.now,
        enforceValidity: true,
      }));
      const find = await world.ring.keysFor(needs);
      expect(find('b.test', 'ed25519:1')).toBeDefined();
      expect(find('a.test', 'ed25519:1')).toBeUndefined();
    });
  });
});
