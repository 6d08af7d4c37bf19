import { describeServers, deviceKeysOf, oneTimeKeysOf, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  let users = 0;
  const newUser = (): Promise<TestClient> => server.registerUser(`keys${++users}`);

  function query(client: TestClient, deviceKeys: unknown, expectation: object = {}) {
    return client.call('queryKeys', { body: { device_keys: deviceKeys } }, expectation);
  }

  function upload(client: TestClient, body: unknown, expectation: object = {}) {
    return client.call('uploadKeys', { body }, expectation);
  }

  function claim(client: TestClient, ...owners: TestClient[]) {
    const wanted = Object.fromEntries(
      owners.map((owner) => [owner.userId, { [owner.deviceId!]: 'signed_curve25519' }]),
    );
    return client.call('claimKeys', { body: { one_time_keys: wanted } });
  }

  describe('device keys', () => {
    test('are given out as they were uploaded, with the name of the device', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const keys = deviceKeysOf(alice, { custom: { b: 1, a: [true, null] } });
      expect(
        await upload(alice, {
          device_keys: { ...keys, unsigned: { device_display_name: 'not for the client to say' } },
        }),
      ).toEqual({
        one_time_key_counts: { signed_curve25519: 0 },
      });
      const answer = await query(bob, { [alice.userId!]: [] });
      expect(answer).toMatchObject({
        failures: {},
        device_keys: { [alice.userId!]: { [alice.deviceId!]: { ...keys, unsigned: {} } } },
      });
      await alice.call('updateDevice', {
        params: { deviceId: alice.deviceId! },
        body: { display_name: 'Telephone "1"' },
      });
      const renamed = await query(bob, { [alice.userId!]: [alice.deviceId] });
      expect(renamed.device_keys[alice.userId!][alice.deviceId!]).toEqual({
        ...keys,
        unsigned: { device_display_name: 'Telephone "1"' },
      });
    });

    test('of chosen devices, of all, of none', async () => {
      const alice = await newUser();
      const second = await alice.login(alice.userId!);
      for (const client of [alice, second]) await upload(client, { device_keys: deviceKeysOf(client) });
      const all = await query(alice, { [alice.userId!]: [] });
      expect(Object.keys(all.device_keys[alice.userId!]).toSorted()).toEqual(
        [alice.deviceId, second.deviceId].toSorted(),
      );
      const one = await query(alice, { [alice.userId!]: [second.deviceId, 'NOSUCH', second.deviceId] });
      expect(Object.keys(one.device_keys[alice.userId!])).toEqual([second.deviceId]);
      expect((await query(alice, { [alice.userId!]: ['NOSUCH'] })).device_keys).toEqual({ [alice.userId!]: {} });
      expect((await query(alice, {})).device_keys).toEqual({});
    });

    test('users without keys and users who do not exist look the same', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      expect(await query(alice, { [bob.userId!]: [], '@nobody:test': ['X'], 'no user id': [] })).toEqual({
        device_keys: { [bob.userId!]: {}, '@nobody:test': {} },
        master_keys: {},
        self_signing_keys: {},
        user_signing_keys: {},
        failures: {},
      });
    });

    test('other servers are told as failures', async () => {
      const alice = await newUser();
      const answer = await query(alice, { '@bob:elsewhere.example': [] });
      expect(answer.device_keys).toEqual({});
      expect(Object.keys(answer.failures)).toEqual(['elsewhere.example']);
      const claimed = await alice.call('claimKeys', {
        body: { one_time_keys: { '@bob:elsewhere.example': { D: 'signed_curve25519' } } },
      });
      expect(claimed).toMatchObject({ one_time_keys: {}, failures: { 'elsewhere.example': {} } });
    });

    test('can be replaced', async () => {
      const alice = await newUser();
      await upload(alice, { device_keys: deviceKeysOf(alice) });
      const next = deviceKeysOf(alice, { algorithms: ['m.olm.v2'] });
      await upload(alice, { device_keys: next });
      expect((await query(alice, { [alice.userId!]: [] })).device_keys[alice.userId!][alice.deviceId!]).toMatchObject(
        next,
      );
    });

    test('of others, or of none, are refused', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const keys = deviceKeysOf(alice);
      await upload(bob, { device_keys: keys }, { expect: 'M_BAD_JSON' });
      await upload(alice, { device_keys: { ...keys, device_id: 'OTHER' } }, { expect: 'M_BAD_JSON' });
      expect((await query(alice, { [alice.userId!]: [], [bob.userId!]: [] })).device_keys).toEqual({
        [alice.userId!]: {},
        [bob.userId!]: {},
      });
    });

    test.each([
      ['null', null],
      ['a list', []],
      ['text', 'keys'],
      ['a missing member', { user_id: '@a:test', device_id: 'A' }],
      ['keys that are no text', { keys: { 'ed25519:A': 7 } }],
      ['algorithms that are no list', { algorithms: { 0: 'm.olm' } }],
      ['a signature that is an object', { signatures: { '@a:test': { 'ed25519:A': {} } } }],
      ['a float', { extra: 0.5 }],
      ['a large number', { extra: 1e300 }],
      ['half a character', { extra: '\ud800' }],
    ])('that are wrong are refused: %s', async (_what, wrong) => {
      const alice = await newUser();
      const isPart = typeof wrong === 'object' && wrong !== null && !Array.isArray(wrong) && !('device_id' in wrong);
      await upload(alice, { device_keys: isPart ? { ...deviceKeysOf(alice), ...wrong } : wrong }, { expect: 400 });
      expect((await query(alice, { [alice.userId!]: [] })).device_keys).toEqual({ [alice.userId!]: {} });
    });

    test('that are too large are refused', async () => {
      const alice = await newUser();
      await upload(
        alice,
        { device_keys: { ...deviceKeysOf(alice), extra: 'x'.repeat(70_000) } },
        { expect: 'M_TOO_LARGE' },
      );
    });

    test('queries of a wrong shape are refused', async () => {
      const alice = await newUser();
      for (const wrong of [
        null,
        [],
        'x',
        { [alice.userId!]: { A: true } },
        { [alice.userId!]: [1] },
        { [alice.userId!]: null },
      ]) {
        await query(alice, wrong, { expect: 'M_BAD_JSON' });
      }
      await alice.call('queryKeys', { body: {} }, { expect: 'M_MISSING_PARAM' });
      const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`@u${i}:test`, []]));
      await query(alice, many, { expect: 'M_TOO_LARGE' });
    });

    test('go with the device', async () => {
      const alice = await newUser();
      const second = await alice.login(alice.userId!);
      await upload(second, { device_keys: deviceKeysOf(second), one_time_keys: oneTimeKeysOf(second, ['A']) });
      await second.call('logout');
      expect((await query(alice, { [alice.userId!]: [] })).device_keys[alice.userId!]).toEqual({});
      expect((await claim(alice, second)).one_time_keys).toEqual({});
    });
  });

  describe('in /sync', () => {
    test('a long poll learns that keys were claimed', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ['A', 'B']) });
      expect((await alice.sync()).device_one_time_keys_count).toEqual({ signed_curve25519: 2 });
      const waiting = alice.syncUntil((answer) => answer.device_one_time_keys_count.signed_curve25519 === 1);
      await claim(bob, alice);
      await waiting;
      await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ['C', 'D']) });
      expect((await alice.sync({ since: alice.nextBatch })).device_one_time_keys_count).toEqual({
        signed_curve25519: 3,
      });
    });

    test('other devices of the user are left in peace', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const second = await alice.login(alice.userId!);
      await upload(alice, { one_time_keys: oneTimeKeysOf(alice, ['A']) });
      await second.sync();
      await alice.sync();
      const waiting = second.sync({ since: second.nextBatch, timeout: 10_000 });
      const mail = (client: TestClient, txnId: string) =>
        bob.call('sendToDevice', {
          params: { eventType: 'm.x', txnId },
          body: { messages: { [alice.userId!]: { [client.deviceId!]: {} } } },
        });
      await claim(bob, alice);
      await mail(alice, '1');
      await alice.syncUntil((answer) => answer.to_device.events.length === 1);
      await mail(second, '2');
      // The first that it hears of is what was for it.
      expect((await waiting).to_device.events).toHaveLength(1);
    });
  });
});
