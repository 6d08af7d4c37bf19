import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

function credentials(user: string, password: string, more: object = {}): { body: object; token: null } {
  return {
    body: { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password, ...more },
    token: null,
  };
}

describeServers((start) => {
  let server: TestServer;
  let client: TestClient;
  let alice: TestClient;
  beforeAll(async () => {
    server = await start();
    client = server.client();
    alice = await server.registerUser('alice', 'secret');
  });

  test('the ways to log in are told', async () => {
    expect(await client.call('getLoginFlows')).toEqual({ flows: [{ type: 'm.login.password' }] });
  });

  describe('a password logs in', () => {
    test.each(['alice', '@alice:test', '@ALICE:test', 'Alice'])('as %s', async (user) => {
      const answer = await client.call('login', credentials(user, 'secret'));
      expect(answer).toMatchObject({
        user_id: '@alice:test',
        home_server: 'test',
        access_token: expect.any(String),
        device_id: expect.any(String),
      });
      expect(answer.refresh_token).toBeUndefined();
      expect(answer.expires_in_ms).toBeUndefined();
      expect(await client.call('getTokenOwner', { token: answer.access_token })).toEqual({
        user_id: '@alice:test',
        device_id: answer.device_id,
        is_guest: false,
      });
    });

    test('with `user` in place of an identifier', async () => {
      await client.call('login', { body: { type: 'm.login.password', user: '@alice:test', password: 'secret' } });
    });

    test('whatever form of Unicode the client sends', async () => {
      await server.registerUser('unicode', 'p\u00e4ss\u212b');
      await client.call('login', credentials('unicode', 'pa\u0308ss\u00c5'));
    });

    test('on a device with the id and name that it gives', async () => {
      const answer = await client.call(
        'login',
        credentials('alice', 'secret', { device_id: 'NAMED', initial_device_display_name: 'Tablet' }),
      );
      expect(answer.device_id).toBe('NAMED');
      expect(await alice.call('getDevice', { params: { deviceId: 'NAMED' } })).toMatchObject({
        display_name: 'Tablet',
      });
    });

    test('again on a device: its old token ends, its name stays', async () => {
      const first = await client.call(
        'login',
        credentials('alice', 'secret', { device_id: 'AGAIN', initial_device_display_name: 'First' }),
      );
      const second = await client.call(
        'login',
        credentials('alice', 'secret', { device_id: 'AGAIN', initial_device_display_name: 'Second' }),
      );
      await client.call('getTokenOwner', { token: first.access_token }, { expect: 'M_UNKNOWN_TOKEN' });
      await client.call('getTokenOwner', { token: second.access_token });
      expect(await alice.call('getDevice', { params: { deviceId: 'AGAIN' } })).toMatchObject({ display_name: 'First' });
    });

    test('at once on one device: all work out, one token is left', async () => {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => client.call('login', credentials('alice', 'secret', { device_id: 'RACE' }))),
      );
      const owners = await Promise.all(
        answers.map(({ access_token: token }) => client.send('getTokenOwner', { token }, { expect: 'any' })),
      );
      expect(owners.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    test('on a device of the same id as another user has', async () => {
      const bob = await server.registerUser('bob', 'secret');
      const hers = await client.call('login', credentials('alice', 'secret', { device_id: 'SAME' }));
      await client.call('login', credentials('bob', 'secret', { device_id: 'SAME' }));
      await bob.call('getDevice', { params: { deviceId: 'SAME' } });
      await client.call('getTokenOwner', { token: hers.access_token });
    });
  });

  describe('nobody learns whether an account exists', () => {
    test('a wrong password and an unknown user are refused alike', async () => {
      const wrong = await client.call('login', credentials('alice', 'guess'), { expect: 'M_FORBIDDEN' });
      const unknown = await client.call('login', credentials('nobody-here', 'guess'), { expect: 'M_FORBIDDEN' });
      const elsewhere = await client.call('login', credentials('@alice:elsewhere', 'secret'), {
        expect: 'M_FORBIDDEN',
      });
      expect(unknown).toEqual(wrong);
      expect(elsewhere).toEqual(wrong);
    });

    test.each(['', 'x'.repeat(10_000), '@', '@:', 'a\0b', '@alice:test:test', '💥'])(
      'the user %j is refused',
      async (user) => {
        await client.call('login', credentials(user, 'guess'), { expect: [400, 403] });
      },
    );
  });

  test.each([
    [{}, 400],
    [{ type: 'm.login.password' }, 400],
    [{ type: 'm.login.password', identifier: { type: 'm.id.user', user: 'alice' } }, 400],
    [{ type: 'm.login.password', identifier: { type: 'm.id.user', user: 7 }, password: 'secret' }, 400],
    [
      {
        type: 'm.login.password',
        identifier: { type: 'm.id.thirdparty', medium: 'email', address: 'a@b.c' },
        password: 'x',
      },
      400,
    ],
    [{ type: 'm.login.password', identifier: {}, password: 'x' }, 400],
    [{ type: 'm.login.password', identifier: 'alice', password: 'x' }, 400],
    [{ type: 'm.login.password', identifier: { type: 'm.id.user', user: 'alice' }, password: { $ne: '' } }, 400],
    [{ type: 'm.login.token', token: 'abc' }, 400],
    [{ type: 'm.login.application_service', identifier: { type: 'm.id.user', user: 'alice' } }, 400],
    [{ type: 'm.login.dummy' }, 400],
  ])('%j is refused', async (body, expect) => {
    await client.call('login', { body }, { expect });
  });

  test('a device id that is too long is refused, a name that is too long is cut', async () => {
    await client.call('login', credentials('alice', 'secret', { device_id: 'x'.repeat(513) }), {
      expect: 'M_INVALID_PARAM',
    });
    await client.call('login', credentials('alice', 'secret', { device_id: '' }), { expect: 'M_INVALID_PARAM' });
    const answer = await client.call(
      'login',
      credentials('alice', 'secret', { initial_device_display_name: 'x'.repeat(5000) }),
    );
    expect((await alice.call('getDevice', { params: { deviceId: answer.device_id } })).display_name).toBe(
      'x'.repeat(100),
    );
  });

  test('a login tells where the server is, if that is known', async () => {
    const own = await start({
      config: { public_baseurl: 'https://chat.example.org', default_identity_server: 'https://id.example.org' },
    });
    await own.registerUser('alice');
    const answer = await own.client().call('login', credentials('alice', 'correct horse alice'));
    expect(answer.well_known).toEqual({
      'm.homeserver': { base_url: 'https://chat.example.org/' },
      'm.identity_server': { base_url: 'https://id.example.org' },
    });
  });

  test('passwords may be switched off', async () => {
    const own = await start({ config: { password_config: { enabled: false } } });
    expect(await own.client().call('getLoginFlows')).toEqual({ flows: [] });
    await own.client().call('login', credentials('alice', 'x'), { expect: 400 });
  });

  describe('limits', () => {
    const none = { per_second: 1000, burst_count: 1000 };

    test('rc_login.failed_attempts counts failures of one account only, whatever its spelling', async () => {
      const own = await start({
        config: { rc_login: { address: none, account: none, failed_attempts: { per_second: 0.01, burst_count: 3 } } },
      });
      await own.registerUser('alice', 'secret');
      await own.registerUser('bob', 'secret');
      for (let i = 0; i < 4; i++) await own.client().call('login', credentials('alice', 'secret'));
      for (const user of ['alice', '@alice:test', 'ALICE'])
        await own.client().call('login', credentials(user, 'guess'), { expect: 'M_FORBIDDEN' });
      const refused = await own.client().call('login', credentials('alice', 'secret'), { expect: 'M_LIMIT_EXCEEDED' });
      expect(refused.retry_after_ms).toBeGreaterThan(0);
      await own.client().call('login', credentials('bob', 'secret'));
    });

    test('guesses side by side get no more tries than one after another', async () => {
      const own = await start({
        config: { rc_login: { address: none, account: none, failed_attempts: { per_second: 0.01, burst_count: 3 } } },
      });
      await own.registerUser('alice', 'secret');
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          own.client().send('login', credentials('alice', `guess ${i}`), { expect: 'any' }),
        ),
      );
      expect(answers.filter(({ body }) => body.errcode === 'M_FORBIDDEN')).toHaveLength(3);
      expect(answers.filter(({ body }) => body.errcode === 'M_LIMIT_EXCEEDED')).toHaveLength(9);
    });

    test('rc_login.account counts logins of one account, rc_login.address those from one address', async () => {
      const own = await start({
        config: {
          rc_login: {
            address: { per_second: 0.01, burst_count: 4 },
            account: { per_second: 0.01, burst_count: 2 },
            failed_attempts: none,
          },
        },
      });
      await own.registerUser('alice', 'secret');
      await own.registerUser('bob', 'secret');
      for (let i = 0; i < 2; i++) await own.client().call('login', credentials('alice', 'secret'));
      await own.client().call('login', credentials('alice', 'secret'), { expect: 'M_LIMIT_EXCEEDED' });
      await own.client().call('login', credentials('bob', 'secret'));
      await own.client().call('login', credentials('bob', 'secret'), { expect: 'M_LIMIT_EXCEEDED' });
    });
  });
});
