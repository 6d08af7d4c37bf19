import { federation, type Endpoint } from '@myelin/api';
import { describeDatabases } from '@myelin/database/testing';
import { signJson, SigningKey, type JsonObject } from '@myelin/protocol';
import { systemTimers } from '@myelin/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import { FetchingKeyRing } from './fetching-key-ring.ts';
import { checkKeyAnswer } from './key-answer.ts';
import type { KeyNeed } from './key-ring.ts';
import { serverKeysMigrations } from './migrations.ts';
import { Notary } from './notary.ts';
import { OwnKeys } from './own-keys.ts';

const day = 86_400_000;
const start = Date.parse('2026-01-01T00:00:00Z');

const keyOf = (name: string): SigningKey => new SigningKey(`ed25519:${name}`, Buffer.alloc(32, `key ${name}`));

interface Said {
  readonly current?: readonly string[];
  readonly old?: Readonly<Record<string, number>>;
  readonly until?: number;
  readonly by?: readonly string[];
  readonly name?: string;
}

/** What a server says of its keys. */
function answerOf(
  server: string,
  { current = ['1'], old = {}, until = start + day, by = current, name = server }: Said = {},
) {
  let answer: JsonObject = {
    server_name: name,
    valid_until_ts: until,
    verify_keys: Object.fromEntries(current.map((each) => [`ed25519:${each}`, { key: keyOf(each).publicKey }])),
    old_verify_keys: Object.fromEntries(
      Object.entries(old).map(([each, expired]) => [
        `ed25519:${each}`,
        { key: keyOf(each).publicKey, expired_ts: expired },
      ]),
    ),
  };
  for (const each of by) answer = signJson(answer, server, keyOf(each));
  return answer;
}

describeDatabases((open) => {
  let now: number;
  let asked: string[];
  /** What servers say of themselves; undefined: they don't answer. */
  let servers: Record<string, JsonObject | undefined>;
  /** What notaries answer. */
  let notaries: Record<string, (wanted: JsonObject) => JsonObject[]>;
  let ring: FetchingKeyRing;
  let notary: Notary;

  const client: FederationClient = {
    async call(destination: string, endpoint: Endpoint, input?: { body?: unknown }) {
      const isNotary = endpoint.id === federation.bulkPerspectivesKeyQuery.id;
      asked.push(isNotary ? `notary ${destination}` : destination);
      const answer = isNotary
        ? notaries[destination] && { server_keys: notaries[destination](input?.body as JsonObject) }
        : servers[destination];
      if (!answer) throw new FederationError('unreachable', destination, 'nobody there');
      return structuredClone(answer) as never;
    },
    stream: () => Promise.reject(new Error('not here')),
  };

  async function build(config: Record<string, unknown> = {}): Promise<void> {
    now = start;
    asked = [];
    servers = {};
    notaries = {};
    const { keys } = testConfig({ trusted_key_servers: [], ...config });
    const database = await open(serverKeysMigrations);
    const clock = { now: () => now, monotonic: () => now };
    const parts = { serverName: 'us.test', config: keys, database, clock, timers: systemTimers, client };
    ring = new FetchingKeyRing({ ...parts, onProblem: () => {} });
    const own = new OwnKeys('us.test', keys, clock);
    notary = new Notary({ ...parts, keys: ring, own });
    again = () => (ring = new FetchingKeyRing({ ...parts, onProblem: () => {} }));
  }
  /** As after a restart. */
  let again: () => FetchingKeyRing;
  beforeEach(() => build());

  const has = async (server: string, name = '1', at = now, enforceValidity = true): Promise<boolean> => {
    const need: KeyNeed = { server, keyIds: [`ed25519:${name}`], at, enforceValidity };
    return (await ring.keysFor([need]))(server, `ed25519:${name}`) !== undefined;
  };

  describe('a key', () => {
    it('is fetched once, and kept over restarts', async () => {
      servers['a.test'] = answerOf('a.test');
      expect(await Promise.all([has('a.test'), has('a.test')])).toEqual([true, true]);
      again();
      expect(await has('a.test')).toBe(true);
      expect(asked).toEqual(['a.test']);
    });

    it('of ours is known', async () => {
      expect(await has('us.test', 'a_test')).toBe(true);
      expect(await has('us.test', 'other')).toBe(false);
      expect(asked).toEqual([]);
    });

    it('holds as long as the server says, and no longer than a week', async () => {
      servers['a.test'] = answerOf('a.test', { until: start + 300 * day });
      expect(await has('a.test', '1', start + 7 * day)).toBe(true);
      servers['a.test'] = undefined;
      expect(await has('a.test', '1', start + 7 * day + 1)).toBe(false);
      expect(await has('a.test', '1', start + 8 * day, false)).toBe(true);
    });

    it('is fetched again when it is needed for longer', async () => {
      servers['a.test'] = answerOf('a.test');
      expect(await has('a.test')).toBe(true);
      now += 2 * day;
      servers['a.test'] = answerOf('a.test', { until: now + day });
      expect(await has('a.test')).toBe(true);
      expect(asked).toHaveLength(2);
    });

    it('that is old holds for what was signed before, and is not asked for again', async () => {
      servers['a.test'] = answerOf('a.test', { current: ['2'], old: { '1': start - day } });
      expect(await has('a.test', '1', start - day)).toBe(true);
      expect(await has('a.test', '1', start - day + 1)).toBe(false);
      expect(await has('a.test', '1', start, false)).toBe(true);
      expect(asked).toHaveLength(1);
    });

    it('for several times holds for each by itself', async () => {
      servers['a.test'] = answerOf('a.test', { current: ['2'], old: { '1': start - day } });
      const needs = [start - 2 * day, start].map((at) => ({
        server: 'a.test',
        keyIds: ['ed25519:1'],
        at,
        enforceValidity: true,
      }));
      const set = await ring.keySetFor(needs);
      expect(set.at(start - 2 * day, true)('a.test', 'ed25519:1')).toBeDefined();
      expect(set.at(start, true)('a.test', 'ed25519:1')).toBeUndefined();
      expect(set.at(start, false)('a.test', 'ed25519:1')).toBeDefined();
      expect((await ring.keysFor(needs))('a.test', 'ed25519:1')).toBeUndefined();
    });

    it('that a server takes back holds no more, though it said otherwise', async () => {
      servers['a.test'] = answerOf('a.test', { until: start + 6 * day });
      expect(await has('a.test', '1', start + 2 * day)).toBe(true);
      now += day;
      servers['a.test'] = answerOf('a.test', { current: ['2'], old: { '1': now - day / 2 }, until: now + day });
      expect(await has('a.test', '2')).toBe(true);
      expect(await has('a.test', '1')).toBe(false);
      again();
      expect(await has('a.test', '1')).toBe(false);
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
      servers['a.test'] = answerOf('a.test', said as Said);
      expect(await has('a.test')).toBe(false);
    });

    it('that was changed after it was signed', async () => {
      servers['a.test'] = { ...answerOf('a.test'), valid_until_ts: start + 2 * day };
      expect(await has('a.test')).toBe(false);
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
      for (let i = 0; i < 20; i++) await has('a.test');
      expect(asked).toHaveLength(1);
      now += 31_000;
      for (let i = 0; i < 20; i++) await has('a.test');
      expect(asked).toHaveLength(2);
      now += 31_000;
      await has('a.test');
      expect(asked).toHaveLength(2);
      now += 30_000;
      servers['a.test'] = answerOf('a.test');
      expect(await has('a.test')).toBe(true);
    });

    it('is not asked again and again for keys that it does not have', async () => {
      servers['a.test'] = answerOf('a.test');
      for (let i = 0; i < 100; i++) expect(await has('a.test', `unknown${i}`)).toBe(false);
      expect(asked).toHaveLength(1);
    });

    it('does not fill the tables with keys that it makes up', async () => {
      for (let i = 0; i < 5; i++) {
        const current = Array.from({ length: 90 }, (_none, at) => `${i}x${at}`);
        servers['a.test'] = answerOf('a.test', { current, by: [current[0] as string], until: now + day });
        expect(await has('a.test', `${i}x0`)).toBe(true);
        now += 11_000;
      }
      servers['a.test'] = undefined;
      again();
      expect(await has('a.test', '4x0')).toBe(true);
      expect(await has('a.test', '0x0', start, false)).toBe(false);
    });

    it('that does not answer does not keep others waiting', async () => {
      servers['b.test'] = answerOf('b.test');
      const needs = ['a.test', 'b.test'].map((server) => ({
        server,
        keyIds: ['ed25519:1'],
        at: now,
        enforceValidity: true,
      }));
      const find = await ring.keysFor(needs);
      expect(find('b.test', 'ed25519:1')).toBeDefined();
      expect(find('a.test', 'ed25519:1')).toBeUndefined();
    });
  });

  describe('a trusted key server', () => {
    const trusted = {
      trusted_key_servers: [{ server_name: 'n.test', verify_keys: { 'ed25519:n': keyOf('n').publicKey } }],
    };
    beforeEach(() => build(trusted));
    const vouched = (answer: JsonObject): JsonObject => signJson(answer, 'n.test', keyOf('n'));

    it('is asked for those that do not answer', async () => {
      notaries['n.test'] = () => [vouched(answerOf('a.test'))];
      expect(await has('a.test')).toBe(true);
      expect(asked).toEqual(['a.test', 'notary n.test']);
    });

    it('is asked first, once, for many', async () => {
      const many = Array.from({ length: 50 }, (_none, i) => `s${i}.test`);
      notaries['n.test'] = ({ server_keys: wanted }) => {
        expect((wanted as JsonObject)['s1.test']).toEqual({ 'ed25519:1': { minimum_valid_until_ts: now } });
        return many.slice(1).map((server) => vouched(answerOf(server)));
      };
      servers['s0.test'] = answerOf('s0.test');
      const find = await ring.keysFor(
        many.map((server) => ({ server, keyIds: ['ed25519:1'], at: now, enforceValidity: true })),
      );
      expect(many.filter((server) => find(server, 'ed25519:1'))).toEqual(many);
      expect(asked).toEqual(['notary n.test', 's0.test']);
    });

    it.each<[string, () => JsonObject]>([
      ['without its signature', () => answerOf('a.test')],
      ['with a signature by another key', () => signJson(answerOf('a.test'), 'n.test', keyOf('m'))],
      ["without the server's own signature", () => vouched(answerOf('a.test', { by: [] }))],
      ['of another server', () => vouched(answerOf('b.test', { name: 'a.test' }))],
    ])('is not believed %s', async (_name, answer) => {
      notaries['n.test'] = () => [answer()];
      expect(await has('a.test')).toBe(false);
    });

    it('cannot take back what the server itself said', async () => {
      servers['a.test'] = answerOf('a.test', { until: start + 2 * day });
      expect(await has('a.test')).toBe(true);
      notaries['n.test'] = () => [
        vouched(answerOf('a.test', { current: ['2'], old: { '1': start - 9 * day }, until: start })),
      ];
      servers['a.test'] = undefined;
      now += 11_000;
      expect(await has('a.test', '2')).toBe(false);
      expect(await has('a.test')).toBe(true);
    });
  });

  describe('as a notary', () => {
    const ask = (server: string, criteria: Record<string, number | undefined> = {}) =>
      notary.query(new Map([[server, new Map(Object.entries(criteria))]]));

    it("passes on the server's answer, signed by both", async () => {
      servers['a.test'] = answerOf('a.test');
      const [answer, ...more] = (await ask('a.test')) as any[];
      expect(more).toEqual([]);
      expect(answer).toMatchObject({
        server_name: 'a.test',
        verify_keys: { 'ed25519:1': { key: keyOf('1').publicKey } },
      });
      expect(Object.keys(answer.signatures).toSorted()).toEqual(['a.test', 'us.test']);
      await ask('a.test', { 'ed25519:1': start + day });
      expect(asked).toEqual(['a.test']);
    });

    it('asks again for what must hold longer, and gives the last that it has', async () => {
      servers['a.test'] = answerOf('a.test');
      await ask('a.test');
      now += 12 * 3_600_000;
      servers['a.test'] = undefined;
      expect(await ask('a.test', { 'ed25519:1': start + 2 * day })).toMatchObject([{ valid_until_ts: start + day }]);
      servers['a.test'] = answerOf('a.test', { until: start + 3 * day });
      now += 3_600_000;
      expect(await ask('a.test', { 'ed25519:1': start + 2 * day })).toMatchObject([
        { valid_until_ts: start + 3 * day },
      ]);
      now += 30 * day;
      servers['a.test'] = undefined;
      expect(await ask('a.test')).toMatchObject([{ valid_until_ts: start + 3 * day }]);
    });

    it('keeps a good answer when a spurious one comes', async () => {
      servers['a.test'] = answerOf('a.test', { until: start + 2 * day });
      await ask('a.test');
      now += 3_600_000;
      servers['a.test'] = answerOf('a.test', { current: ['2'], until: start - day });
      await ask('a.test', { 'ed25519:1': start + 3 * day });
      expect(await ask('a.test', { 'ed25519:1': undefined })).toMatchObject([{ valid_until_ts: start + 2 * day }]);
    });

    it('knows its own keys, and nothing of those that are not there', async () => {
      expect(await ask('us.test')).toMatchObject([{ server_name: 'us.test' }]);
      expect(await ask('nowhere.test')).toEqual([]);
      expect(await ask('not a name')).toEqual([]);
      expect(asked).toEqual(['nowhere.test']);
    });
  });
});
