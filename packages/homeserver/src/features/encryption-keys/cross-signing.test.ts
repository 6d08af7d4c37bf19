import { signJson, type JsonObject, type SigningKey } from '@myelin/protocol';
import {
  crossSigningKey,
  crossSigningKeysOf,
  defaultPassword,
  describeServers,
  deviceKey,
  deviceKeysOf,
  publicPart,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  let users = 0;
  const newUser = (): Promise<TestClient> => server.registerUser(`cross${++users}`);

  function upload(client: TestClient, body: object, expectation: object = {}) {
    return client.call('uploadCrossSigningKeys', { body }, expectation);
  }

  function sign(client: TestClient, body: unknown, expectation: object = {}) {
    return client.call('uploadCrossSigningSignatures', { body }, expectation);
  }

  function query(client: TestClient, ...of: TestClient[]) {
    return client.call('queryKeys', { body: { device_keys: Object.fromEntries(of.map((each) => [each.userId, []])) } });
  }

  function password(client: TestClient, session: string): object {
    return {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: client.userId },
      password: defaultPassword(client.userId!),
      session,
    };
  }

  /** A user with device keys and cross-signing keys. */
  async function established() {
    const client = await newUser();
    await client.call('uploadKeys', { body: { device_keys: deviceKeysOf(client) } });
    const keys = crossSigningKeysOf(client);
    await upload(client, keys.body);
    return { client, keys, userId: client.userId!, deviceId: client.deviceId! };
  }

  describe('keys', () => {
    test('the first ones need no authentication and are shown to those who may see them', async () => {
      const { client, keys, userId } = await established();
      const bob = await newUser();
      const own = await query(client, client);
      expect(own.master_keys).toEqual({ [userId]: keys.body.master_key });
      expect(own.self_signing_keys).toEqual({ [userId]: keys.body.self_signing_key });
      expect(own.user_signing_keys).toEqual({ [userId]: keys.body.user_signing_key });
      const others = await query(bob, client);
      expect(others.master_keys).toEqual(own.master_keys);
      expect(others.self_signing_keys).toEqual(own.self_signing_keys);
      expect(others.user_signing_keys).toEqual({});
    });

    test('the same ones again need none either', async () => {
      const { client, keys } = await established();
      await upload(client, keys.body);
      await upload(client, { master_key: keys.body.master_key });
      await upload(client, { self_signing_key: keys.body.self_signing_key });
    });

    test('other ones need it', async () => {
      const { client, keys, userId } = await established();
      const next = crossSigningKeysOf(client, 'second');
      const { session, flows } = await upload(client, next.body, { expect: 401 });
      expect(flows).toEqual([{ stages: ['m.login.password'] }]);
      expect((await query(client, client)).master_keys).toEqual({ [userId]: keys.body.master_key });
      await upload(client, { ...next.body, auth: password(client, session) });
      const now = await query(client, client);
      expect(now.master_keys).toEqual({ [userId]: next.body.master_key });
      expect(now.user_signing_keys).toEqual({ [userId]: next.body.user_signing_key });
      await upload(client, { ...next.body, auth: password(client, session) });
    });

    test('a key that is added to a master key needs it', async () => {
      const client = await newUser();
      const { body } = crossSigningKeysOf(client);
      await upload(client, { master_key: body.master_key });
      const { session } = await upload(client, { self_signing_key: body.self_signing_key }, { expect: 401 });
      await upload(client, { self_signing_key: body.self_signing_key, auth: password(client, session) });
      expect((await query(client, client)).self_signing_keys).toEqual({ [client.userId!]: body.self_signing_key });
    });

    test('two first uploads at once: the second needs it', async () => {
      const client = await newUser();
      const statuses = await Promise.all(
        ['one', 'two', 'three'].map(
          async (name) =>
            (
              await client.send(
                'uploadCrossSigningKeys',
                { body: crossSigningKeysOf(client, name).body },
                { expect: 'any' },
              )
            ).status,
        ),
      );
      expect(statuses.toSorted()).toEqual([200, 401, 401]);
    });

    test('without a master key there is nothing to sign the others', async () => {
      const client = await newUser();
      const { body } = crossSigningKeysOf(client);
      await upload(client, { self_signing_key: body.self_signing_key }, { expect: 'M_MISSING_PARAM' });
      await upload(client, {}, { expect: 'M_MISSING_PARAM' });
    });

    test('forged ones are refused', async () => {
      const client = await newUser();
      const { body, selfSigning, master } = crossSigningKeysOf(client);
      const forger = crossSigningKey('forger');
      const signedByOther = signJson(publicPart(client.userId!, selfSigning, 'self_signing'), client.userId!, forger);
      await upload(client, { ...body, self_signing_key: signedByOther }, { expect: 'M_INVALID_SIGNATURE' });
      const underMasterName = {
        ...signedByOther,
        signatures: {
          [client.userId!]: { [master.keyId]: Object.values((signedByOther.signatures as never)[client.userId!])[0] },
        },
      };
      await upload(client, { ...body, self_signing_key: underMasterName }, { expect: 'M_INVALID_SIGNATURE' });
      await upload(
        client,
        { ...body, user_signing_key: publicPart(client.userId!, selfSigning, 'user_signing') },
        { expect: 'M_INVALID_SIGNATURE' },
      );
      expect((await query(client, client)).master_keys).toEqual({});
    });

    test('wrong ones are refused', async () => {
      const client = await newUser();
      const { master, body } = crossSigningKeysOf(client);
      const other = crossSigningKey('other');
      const wrongs: [object, string][] = [
        [publicPart('@somebody:test', master, 'master'), 'M_INVALID_PARAM'],
        [publicPart(client.userId!, master, 'self_signing'), 'M_INVALID_PARAM'],
        [{ ...body.master_key, keys: {} }, 'M_INVALID_PARAM'],
        [
          { ...body.master_key, keys: { [master.keyId]: master.publicKey, [other.keyId]: other.publicKey } },
          'M_INVALID_PARAM',
        ],
        [{ ...body.master_key, keys: { [master.keyId]: other.publicKey } }, 'M_INVALID_PARAM'],
        [{ ...body.master_key, keys: { 'ed25519:short': 'short' } }, 'M_INVALID_PARAM'],
        [{ ...body.master_key, keys: { [`${master.keyId}=`]: `${master.publicKey}=` } }, 'M_INVALID_PARAM'],
        [{ ...body.master_key, float: 0.5 }, 'M_BAD_JSON'],
        [{ ...body.master_key, long: 'x'.repeat(70_000) }, 'M_TOO_LARGE'],
        [{ ...body.master_key, usage: 'master' }, 'M_BAD_JSON'],
      ];
      for (const [key, code] of wrongs) await upload(client, { master_key: key }, { expect: code });
      await upload(client, { master_key: null }, { expect: 'M_BAD_JSON' });
      expect((await query(client, client)).master_keys).toEqual({});
    });

    test('a key may not have the id of a device, nor a device that of a key', async () => {
      const client = await newUser();
      const { body, master } = crossSigningKeysOf(client);
      const second = await client.login(client.userId!, undefined, { device_id: master.publicKey });
      await upload(client, body, { expect: 'M_FORBIDDEN' });
      await second.call('logout');
      await upload(client, body);
      const identifier = { type: 'm.id.user', user: client.userId };
      const login = {
        type: 'm.login.password',
        identifier,
        password: defaultPassword(client.userId!),
        device_id: master.publicKey,
      };
      await client.call('login', { body: login, token: null }, { expect: 400 });
    });

    test('signatures that come with a key are checked; those nobody can check are left out', async () => {
      const client = await newUser();
      await client.call('uploadKeys', { body: { device_keys: deviceKeysOf(client) } });
      const { body } = crossSigningKeysOf(client);
      const byDevice = signJson(body.master_key, client.userId!, deviceKey(client));
      const bad = structuredClone(byDevice) as JsonObject;
      (bad['signatures'] as never)[client.userId!][`ed25519:${client.deviceId}`] = 'A'.repeat(86) as never;
      await upload(client, { master_key: bad }, { expect: 'M_INVALID_SIGNATURE' });
      const withOthers = { ...byDevice, signatures: { ...byDevice.signatures, '@bob:test': { 'ed25519:B': 'x' } } };
      await upload(client, { master_key: withOthers });
      expect((await query(client, client)).master_keys[client.userId!]).toEqual(byDevice);
    });

    test('go with the account', async () => {
      const { client, userId } = await established();
      const bob = await newUser();
      const { session } = await client.call('deactivateAccount', { body: {} }, { expect: 401 });
      await client.call('deactivateAccount', { body: { auth: password(client, session) } });
      const answer = await query(bob, client);
      expect(answer.device_keys).toEqual({ [userId]: {} });
      expect(answer.master_keys).toEqual({});
    });
  });

  describe('signatures', () => {
    const signedBy = (object: JsonObject, userId: string, key: SigningKey): JsonObject => {
      const { signatures: _signatures, ...rest } = object;
      return signJson(rest, userId, key);
    };

    test('of a device by the self-signing key are shown to everybody', async () => {
      const { client, keys, userId, deviceId } = await established();
      const bob = await newUser();
      const signed = signedBy(deviceKeysOf(client), userId, keys.selfSigning);
      expect(await sign(client, { [userId]: { [deviceId]: signed } })).toEqual({ failures: {} });
      const device = (await query(bob, client)).device_keys[userId][deviceId];
      const both = {
        ...((deviceKeysOf(client)['signatures'] as never)[userId] as object),
        ...((signed['signatures'] as never)[userId] as object),
      };
      expect(device.signatures).toEqual({ [userId]: both });
    });

    test('of the master key by a device are shown to everybody', async () => {
      const { client, keys, userId } = await established();
      const bob = await newUser();
      const signed = signedBy(keys.body.master_key, userId, deviceKey(client));
      expect(await sign(client, { [userId]: { [keys.master.publicKey]: signed } })).toEqual({ failures: {} });
      expect((await query(bob, client)).master_keys[userId]).toEqual(signed);
    });

    test('of other users are shown to the signer alone', async () => {
      const alice = await established();
      const bob = await established();
      const carol = await newUser();
      const signed = signedBy(bob.keys.body.master_key, alice.userId, alice.keys.userSigning);
      expect(await sign(alice.client, { [bob.userId]: { [bob.keys.master.publicKey]: signed } })).toEqual({
        failures: {},
      });
      expect((await query(alice.client, bob.client)).master_keys[bob.userId]).toEqual(signed);
      for (const other of [carol, bob.client])
        expect((await query(other, bob.client)).master_keys[bob.userId]).toEqual(bob.keys.body.master_key);
    });

    test('forged and wrong ones are refused one by one', async () => {
      const alice = await established();
      const bob = await established();
      const good = signedBy(deviceKeysOf(alice.client), alice.userId, alice.keys.selfSigning);
      const forged = structuredClone(signedBy(bob.keys.body.master_key, alice.userId, alice.keys.userSigning));
      (forged['signatures'] as never)[alice.userId][alice.keys.userSigning.keyId] = 'A'.repeat(86) as never;
      const second = await alice.client.login(alice.userId);
      await second.call('uploadKeys', { body: { device_keys: deviceKeysOf(second) } });
      const changed = signedBy({ ...deviceKeysOf(second), algorithms: [] }, alice.userId, alice.keys.selfSigning);
      const answer = await sign(alice.client, {
        [alice.userId]: {
          [alice.deviceId]: good,
          [second.deviceId!]: changed,
          [alice.keys.selfSigning.publicKey]: good,
          UNKNOWN: good,
          [alice.keys.master.publicKey]: signedBy(
            alice.keys.body.master_key,
            alice.userId,
            crossSigningKey('no device'),
          ),
        },
        [bob.userId]: { [bob.keys.master.publicKey]: forged, [bob.deviceId]: deviceKeysOf(bob.client) },
        '@nobody:test': { X: {} },
        '@remote:elsewhere.example': { X: {} },
      });
      const codes = Object.fromEntries(
        Object.entries(answer.failures as Record<string, Record<string, { errcode: string }>>).map(([user, keys]) => [
          user,
          Object.fromEntries(Object.entries(keys).map(([key, failure]) => [key, failure.errcode])),
        ]),
      );
      expect(codes).toEqual({
        [alice.userId]: {
          [second.deviceId!]: 'M_UNKNOWN',
          [alice.keys.selfSigning.publicKey]: 'M_NOT_FOUND',
          UNKNOWN: 'M_NOT_FOUND',
          [alice.keys.master.publicKey]: 'M_INVALID_SIGNATURE',
        },
        [bob.userId]: { [bob.keys.master.publicKey]: 'M_INVALID_SIGNATURE', [bob.deviceId]: 'M_NOT_FOUND' },
        '@nobody:test': { X: 'M_NOT_FOUND' },
        '@remote:elsewhere.example': { X: 'M_NOT_FOUND' },
      });
      const now = await query(alice.client, alice.client, bob.client);
      expect(Object.keys(now.device_keys[alice.userId][alice.deviceId].signatures[alice.userId])).toContain(
        alice.keys.selfSigning.keyId,
      );
      expect(Object.keys(now.device_keys[alice.userId][second.deviceId!].signatures[alice.userId])).toEqual([
        `ed25519:${second.deviceId}`,
      ]);
      expect(now.master_keys[bob.userId]).toEqual(bob.keys.body.master_key);
    });

    test('need keys to sign with', async () => {
      const client = await newUser();
      await client.call('uploadKeys', { body: { device_keys: deviceKeysOf(client) } });
      const answer = await sign(client, {
        [client.userId!]: { [client.deviceId!]: deviceKeysOf(client) },
        '@bob:test': { X: {} },
      });
      expect(answer.failures).toMatchObject({
        [client.userId!]: { [client.deviceId!]: { errcode: 'M_NOT_FOUND' } },
        '@bob:test': { X: { errcode: 'M_NOT_FOUND' } },
      });
    });

    test('of a wrong shape are refused', async () => {
      const { client, userId, deviceId } = await established();
      for (const wrong of [[], { [userId]: null }, { [userId]: { [deviceId]: 'x' } }, { [userId]: [] }])
        await sign(client, wrong, { expect: 'M_BAD_JSON' });
      for (const wrong of [{}, { signatures: null }, { signatures: { [userId]: 'x' } }, { signatures: [] }]) {
        expect((await sign(client, { [userId]: { [deviceId]: wrong } })).failures[userId][deviceId].errcode).toBe(
          'M_INVALID_SIGNATURE',
        );
      }
      const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`K${i}`, {}]));
      await sign(client, { [userId]: many }, { expect: 'M_TOO_LARGE' });
    });

    test('are void when the keys that were signed are replaced', async () => {
      const { client, keys, userId, deviceId } = await established();
      await sign(client, { [userId]: { [deviceId]: signedBy(deviceKeysOf(client), userId, keys.selfSigning) } });
      await client.call('uploadKeys', { body: { device_keys: deviceKeysOf(client) } });
      expect(Object.keys((await query(client, client)).device_keys[userId][deviceId].signatures[userId])).toHaveLength(
        2,
      );
      const next = deviceKeysOf(client, { algorithms: [] });
      await client.call('uploadKeys', { body: { device_keys: next } });
      expect((await query(client, client)).device_keys[userId][deviceId].signatures).toEqual(next['signatures']);
    });

    test('are void when the key that signed is replaced', async () => {
      const { client, keys, userId, deviceId } = await established();
      await sign(client, { [userId]: { [deviceId]: signedBy(deviceKeysOf(client), userId, keys.selfSigning) } });
      const next = crossSigningKeysOf(client, 'second');
      const { session } = await upload(client, next.body, { expect: 401 });
      await upload(client, { ...next.body, auth: password(client, session) });
      expect((await query(client, client)).device_keys[userId][deviceId].signatures).toEqual(
        deviceKeysOf(client)['signatures'],
      );
    });
  });
});
