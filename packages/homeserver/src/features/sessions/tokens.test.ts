import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

const minute = 60_000;

describeServers((start) => {
  let server: TestServer;
  let client: TestClient;
  const runtime = shiftableRuntime();
  beforeAll(async () => {
    server = await start({
      runtime,
      config: { refreshable_access_token_lifetime: '5m', refresh_token_lifetime: '24h', session_lifetime: '48h' },
    });
    client = server.client();
    await server.registerUser('alice', 'secret');
  });

  async function login(more: object = { refresh_token: true }) {
    const identifier = { type: 'm.id.user', user: 'alice' };
    return client.call('login', { body: { type: 'm.login.password', identifier, password: 'secret', ...more } });
  }

  function refresh(token: string, expectation: object = {}) {
    return client.call('refresh', { body: { refresh_token: token } }, expectation);
  }

  function works(token: string) {
    return client.call('getTokenOwner', { token });
  }

  describe('access tokens', () => {
    test.each([
      ['made up', 'M_UNKNOWN_TOKEN'],
      ['myt_'.padEnd(44, 'A'), 'M_UNKNOWN_TOKEN'],
      ['x'.repeat(8000), 'M_UNKNOWN_TOKEN'],
    ])('%j is not one', async (token, expect) => {
      await client.call('getTokenOwner', { token }, { expect: expect as 'M_UNKNOWN_TOKEN' });
    });

    test('are needed', async () => {
      await client.call('getTokenOwner', {}, { expect: 'M_MISSING_TOKEN' });
      await client.call('logout', {}, { expect: 'M_MISSING_TOKEN' });
    });

    test('are kept as hashes only: two are never alike, and restarts keep them', async () => {
      const own = await start({ onDisk: true });
      const alice = await own.registerUser('alice');
      await own.restart();
      await alice.call('getTokenOwner');
      const { readFile, readdir } = await import('node:fs/promises');
      if (own.database === 'sqlite') {
        for (const file of await readdir(own.folder)) {
          if (file.startsWith('homeserver.db'))
            expect((await readFile(`${own.folder}/${file}`)).includes(alice.accessToken!)).toBe(false);
        }
      }
    });

    test('without refreshing last as long as the session', async () => {
      const { access_token: token, expires_in_ms: expiresIn, refresh_token: refreshToken } = await login({});
      expect(refreshToken).toBeUndefined();
      expect(expiresIn).toBe(48 * 60 * minute);
      await works(token);
      runtime.forward(48 * 60 * minute);
      const refused = await client.call('getTokenOwner', { token }, { expect: 'M_UNKNOWN_TOKEN' });
      expect(refused.soft_logout).toBe(true);
    });
  });

  describe('refreshing', () => {
    test('gives a new pair when the access token has expired', async () => {
      const first = await login();
      expect(first.expires_in_ms).toBe(5 * minute);
      runtime.forward(5 * minute);
      expect(await client.call('getTokenOwner', { token: first.access_token }, { expect: 401 })).toMatchObject({
        errcode: 'M_UNKNOWN_TOKEN',
        soft_logout: true,
      });
      const second = await refresh(first.refresh_token);
      expect(second).toMatchObject({
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in_ms: 5 * minute,
      });
      expect(second.access_token).not.toBe(first.access_token);
      expect(await works(second.access_token)).toMatchObject({ user_id: '@alice:test', device_id: first.device_id });
    });

    test('can be repeated until the new tokens are used', async () => {
      const first = await login();
      const lost = await refresh(first.refresh_token);
      const second = await refresh(first.refresh_token);
      await client.call('getTokenOwner', { token: lost.access_token }, { expect: 'M_UNKNOWN_TOKEN' });
      await refresh(lost.refresh_token, { expect: 'M_UNKNOWN_TOKEN' });
      await works(second.access_token);
      await refresh(first.refresh_token, { expect: 'M_UNKNOWN_TOKEN' });
      await works((await refresh(second.refresh_token)).access_token);
    });

    test('with the new refresh token ends the old one too', async () => {
      const first = await login();
      const second = await refresh(first.refresh_token);
      await refresh(second.refresh_token);
      await refresh(first.refresh_token, { expect: 'M_UNKNOWN_TOKEN' });
    });

    test('twice at once leaves one pair that works', async () => {
      const first = await login();
      const pairs = await Promise.all([
        refresh(first.refresh_token),
        refresh(first.refresh_token),
        refresh(first.refresh_token),
      ]);
      const owners = await Promise.all(
        pairs.map(({ access_token: token }) => client.send('getTokenOwner', { token }, { expect: 'any' })),
      );
      expect(owners.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    test('is over when the refresh token or the session has expired', async () => {
      const first = await login();
      runtime.forward(24 * 60 * minute);
      expect(await refresh(first.refresh_token, { expect: 401 })).toMatchObject({
        errcode: 'M_UNKNOWN_TOKEN',
        soft_logout: true,
      });

      const second = await login();
      let latest = second;
      for (let hours = 0; hours < 40; hours += 20) {
        runtime.forward(20 * 60 * minute);
        latest = await refresh(latest.refresh_token);
      }
      runtime.forward(8 * 60 * minute - 2 * minute);
      latest = await refresh(latest.refresh_token);
      expect(latest.expires_in_ms).toBeLessThanOrEqual(2 * minute);
      runtime.forward(2 * minute);
      expect(await refresh(latest.refresh_token, { expect: 401 })).toMatchObject({ soft_logout: true });
    });

    test('is over with the device', async () => {
      const session = await login();
      await client.call('logout', { token: session.access_token });
      expect(await refresh(session.refresh_token, { expect: 401 })).toMatchObject({
        errcode: 'M_UNKNOWN_TOKEN',
        soft_logout: false,
      });
    });

    test('takes no access token, and nothing else', async () => {
      const session = await login();
      await refresh(session.access_token, { expect: 'M_UNKNOWN_TOKEN' });
      await refresh('', { expect: 'M_UNKNOWN_TOKEN' });
      await client.call('refresh', { body: {} }, { expect: 400 });
      await client.call('refresh', { body: { refresh_token: 5 } }, { expect: 400 });
    });

    test('may be switched off', async () => {
      const own = await start({ config: { refreshable_access_token_lifetime: null } });
      const answer = await own.client().call('register', {
        body: { username: 'a', password: 'p', auth: { type: 'm.login.dummy' }, refresh_token: true },
      });
      expect(answer.refresh_token).toBeUndefined();
    });
  });

  describe('logging out', () => {
    test('ends this device and no other', async () => {
      const [one, other] = [await login({}), await login({})];
      await client.call('logout', { token: one.access_token });
      expect(await client.call('getTokenOwner', { token: one.access_token }, { expect: 401 })).toMatchObject({
        errcode: 'M_UNKNOWN_TOKEN',
        soft_logout: false,
      });
      await client.call(
        'getDevice',
        { params: { deviceId: one.device_id }, token: other.access_token },
        { expect: 404 },
      );
      await works(other.access_token);
      await client.call('logout', { token: one.access_token }, { expect: 'M_UNKNOWN_TOKEN' });
    });

    test('everywhere ends all devices of the user', async () => {
      const bob = await server.registerUser('bob');
      const [one, other] = [await login({}), await login()];
      await client.call('logout_all', { token: one.access_token });
      for (const { access_token: token } of [one, other])
        await client.call('getTokenOwner', { token }, { expect: 'M_UNKNOWN_TOKEN' });
      await refresh(other.refresh_token, { expect: 'M_UNKNOWN_TOKEN' });
      await bob.call('getTokenOwner');
      const again = await login({});
      expect((await client.call('getDevices', { token: again.access_token })).devices).toHaveLength(1);
    });
  });
});
