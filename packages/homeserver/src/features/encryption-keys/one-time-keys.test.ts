import { describeServers, oneTimeKeysOf, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  let users = 0;
  const newUser = (): Promise<TestClient> => server.registerUser(`keys${++users}`);

  function upload(client: TestClient, body: unknown, expectation: object = {}) {
    return client.call('uploadKeys', { body }, expectation);
  }

  function claim(client: TestClient, ...owners: TestClient[]) {
    const wanted = Object.fromEntries(
      owners.map((owner) => [owner.userId, { [owner.deviceId!]: 'signed_curve25519' }]),
    );
    return client.call('claimKeys', { body: { one_time_keys: wanted } });
  }

  describe('one-time keys', () => {
    test('are counted and given out once, in the order of their uploads', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const first = oneTimeKeysOf(alice, ['Z']);
      const second = oneTimeKeysOf(alice, ['B', 'A']);
      expect(await upload(alice, { one_time_keys: first })).toEqual({ one_time_key_counts: { signed_curve25519: 1 } });
      expect(await upload(alice, { one_time_keys: { ...second, 'curve25519:A': 'bare' } })).toEqual({
        one_time_key_counts: { signed_curve25519: 3, curve25519: 1 },
      });
      expect((await claim(bob, alice)).one_time_keys[alice.userId!][alice.deviceId!]).toEqual(first);
      const rest = [await claim(bob, alice), await claim(bob, alice)].map(
        (answer) => answer.one_time_keys[alice.userId!][alice.deviceId!],
      );
      expect(Object.assign({}, ...rest)).toEqual(second);
      expect(await claim(bob, alice)).toEqual({ one_time_keys: {}, failures: {} });
      expect(await upload(alice, {})).toEqual({ one_time_key_counts: { signed_curve25519: 0, curve25519: 1 } });
    });

    test('no key is given to two who ask at once', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const ids = Array.from({ length: 40 }, (_, i) => `K${i}`);
      await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ids) });
      const answers = await Promise.all(Array.from({ length: 50 }, () => claim(bob, alice)));
      const given = answers.flatMap((answer) =>
        Object.keys(answer.one_time_keys[alice.userId!]?.[alice.deviceId!] ?? {}),
      );
      expect(given.length).toBe(40);
      expect(new Set(given)).toEqual(new Set(ids.map((id) => `signed_curve25519:${id}`)));
    });

    test('the same upload again changes nothing, signatures aside', async () => {
      const alice = await newUser();
      const keys = oneTimeKeysOf(alice, ['A', 'B', 'C']);
      const counts = { one_time_key_counts: { signed_curve25519: 3 } };
      expect(await upload(alice, { one_time_keys: keys })).toEqual(counts);
      expect(await upload(alice, { one_time_keys: keys })).toEqual(counts);
      const resigned = { ...keys['signed_curve25519:A'], signatures: { [alice.userId!]: { 'ed25519:X': 'another' } } };
      expect(await upload(alice, { one_time_keys: { 'signed_curve25519:A': resigned } })).toEqual(counts);
      expect(await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ['C', 'D']) })).toEqual({
        one_time_key_counts: { signed_curve25519: 4 },
      });
    });

    test('another key of the same name is refused', async () => {
      const alice = await newUser();
      await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ['A']) });
      const other = { 'signed_curve25519:A': { ...oneTimeKeysOf(alice, ['B'])['signed_curve25519:B'] } };
      const answer = await upload(
        alice,
        { one_time_keys: { ...other, ...oneTimeKeysOf(alice, ['C']) } },
        { expect: 'M_UNKNOWN' },
      );
      // Clients look for these words.
      expect(answer.error).toMatch(
        /^One time key signed_curve25519:A already exists\. Old key: \{.*\}; new key: \{.*\}$/,
      );
      expect(await upload(alice, {})).toEqual({ one_time_key_counts: { signed_curve25519: 1 } });
    });

    test('two uploads of the same key at once store it once', async () => {
      const alice = await newUser();
      const keys = oneTimeKeysOf(alice, ['A', 'B']);
      await Promise.all(Array.from({ length: 8 }, () => upload(alice, { one_time_keys: keys })));
      expect(await upload(alice, {})).toEqual({ one_time_key_counts: { signed_curve25519: 2 } });
    });

    test('more than a device may have are refused', async () => {
      const alice = await newUser();
      const keys = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`curve25519:${i}`, 'x']));
      await upload(alice, { one_time_keys: keys }, { expect: 'M_TOO_LARGE' });
      delete keys['curve25519:0'];
      expect(await upload(alice, { one_time_keys: keys })).toEqual({
        one_time_key_counts: { signed_curve25519: 0, curve25519: 500 },
      });
      await upload(alice, { one_time_keys: { 'curve25519:0': 'x' } }, { expect: 'M_TOO_LARGE' });
      const algorithms = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}:x`, 'x']));
      await upload(await newUser(), { one_time_keys: algorithms }, { expect: 'M_TOO_LARGE' });
    });

    test.each([
      ['no colon', { nocolon: 'x' }],
      ['two colons', { 'a:b:c': 'x' }],
      ['no algorithm', { ':b': 'x' }],
      ['a long id', { [`a:${'b'.repeat(300)}`]: 'x' }],
      ['a number', { 'a:b': 1 }],
      ['null', { 'a:b': null }],
      ['no key', { 'a:b': { signatures: {} } }],
      ['half a character', { 'a:\udc00': 'x' }],
      ['a list', []],
    ])('of a wrong shape are refused: %s', async (_what, keys) => {
      const alice = await newUser();
      await upload(alice, { one_time_keys: keys }, { expect: 400 });
      await upload(alice, { fallback_keys: keys }, { expect: 400 });
      expect(await upload(alice, { one_time_keys: null, fallback_keys: null })).toEqual({
        one_time_key_counts: { signed_curve25519: 0 },
      });
    });

    test('claims of a wrong shape are refused, unknown devices give nothing', async () => {
      const alice = await newUser();
      for (const wrong of [
        null,
        [],
        { [alice.userId!]: 'x' },
        { [alice.userId!]: { D: 1 } },
        { [alice.userId!]: { D: ['signed_curve25519'] } },
      ]) {
        await alice.call('claimKeys', { body: { one_time_keys: wrong } }, { expect: 'M_BAD_JSON' });
      }
      const none = {
        [alice.userId!]: { D: 'signed_curve25519', [alice.deviceId!]: 'none' },
        '@nobody:test': { D: 'x' },
        nonsense: { D: 'x' },
      };
      expect(await alice.call('claimKeys', { body: { one_time_keys: none } })).toEqual({
        one_time_keys: {},
        failures: {},
      });
    });

    test('many devices are claimed from at once', async () => {
      const owners = [await newUser(), await newUser(), await newUser()];
      for (const owner of owners) await upload(owner, { one_time_keys: oneTimeKeysOf(owner, ['A']) });
      const answer = await claim(owners[0]!, ...owners);
      expect(Object.keys(answer.one_time_keys)).toHaveLength(3);
    });
  });

  describe('fallback keys', () => {
    test('are given out when no one-time key is left, and are used from then on', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const fallback = oneTimeKeysOf(alice, ['F'], { fallback: true });
      await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ['A']), fallback_keys: fallback });
      expect(await alice.sync()).toMatchObject({
        device_one_time_keys_count: { signed_curve25519: 1 },
        device_unused_fallback_key_types: ['signed_curve25519'],
      });
      expect((await claim(bob, alice)).one_time_keys[alice.userId!][alice.deviceId!]).toEqual(
        oneTimeKeysOf(alice, ['A']),
      );
      for (let i = 0; i < 2; i++)
        expect((await claim(bob, alice)).one_time_keys[alice.userId!][alice.deviceId!]).toEqual(fallback);
      expect(await alice.sync()).toMatchObject({
        device_one_time_keys_count: { signed_curve25519: 0 },
        device_unused_fallback_key_types: [],
      });
      // The same key again stays a used one; another one doesn't.
      await upload(alice, { fallback_keys: fallback });
      expect((await alice.sync()).device_unused_fallback_key_types).toEqual([]);
      await upload(alice, { fallback_keys: oneTimeKeysOf(alice, ['G'], { fallback: true }) });
      expect((await alice.sync()).device_unused_fallback_key_types).toEqual(['signed_curve25519']);
    });
  });
});
