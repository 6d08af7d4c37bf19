import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

const dummy = { type: 'm.login.dummy' };

describeServers((start) => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await start();
    client = server.client();
  });

  function register(body: object, expectation: object = {}) {
    return client.call('register', { body }, expectation);
  }

  describe('the flows', () => {
    test('a request without authentication is answered with what is to do', async () => {
      const answer = await register({}, { expect: 401 });
      expect(answer).toMatchObject({ flows: [{ stages: ['m.login.dummy'] }], params: {}, session: expect.any(String) });
      expect(answer.errcode).toBeUndefined();
    });

    test('the session of that answer completes the registration', async () => {
      const body = {
        username: 'session',
        password: 'pass word',
        initial_device_display_name: 'Phone',
        device_id: 'PHONE',
      };
      const { session } = await register(body, { expect: 401 });
      const answer = await register({ ...body, auth: { ...dummy, session } });
      expect(answer).toMatchObject({ user_id: '@session:test', device_id: 'PHONE', home_server: 'test' });
      expect(
        await client.call('getDevice', { params: { deviceId: 'PHONE' }, token: answer.access_token }),
      ).toMatchObject({ display_name: 'Phone' });
    });

    test('parameters may come with the first request and be left out of the last', async () => {
      const { session } = await register(
        { username: 'remembered', password: 'a password', device_id: 'D' },
        { expect: 401 },
      );
      const answer = await register({ auth: { ...dummy, session } });
      expect(answer).toMatchObject({ user_id: '@remembered:test', device_id: 'D' });
      await client.login('remembered', 'a password');
    });

    test('passwords are kept for few who have not registered yet; the others repeat them', async () => {
      const own = await start();
      const sessions: string[] = [];
      for (let i = 0; i < 25; i++) {
        const body = { username: `kept${i}`, password: 'p', auth: null };
        sessions.push((await own.client().call('register', { body }, { expect: 401 })).session);
      }
      await own.client().call('register', { body: { auth: { ...dummy, session: sessions[0] } } });
      await own
        .client()
        .call('register', { body: { auth: { ...dummy, session: sessions[24] } } }, { expect: 'M_MISSING_PARAM' });
      await own.client().call('register', { body: { password: 'p', auth: { ...dummy, session: sessions[24] } } });
    });

    test('a session is over when its account is made', async () => {
      const { session } = await register({}, { expect: 401 });
      await register({ username: 'once', password: 'p', auth: { ...dummy, session } });
      await register({ username: 'twice', password: 'p', auth: { ...dummy, session } }, { expect: 400 });
      await client.call('checkUsernameAvailability', { query: { username: 'twice' } });
    });

    test('an unknown session is refused', async () => {
      await register({ username: 'nobody', password: 'p', auth: { ...dummy, session: 'made up' } }, { expect: 400 });
    });

    test('a stage that is not asked for leads nowhere', async () => {
      const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'x' }, password: 'y' };
      const answer = await register({ username: 'nobody', password: 'p', auth }, { expect: 401 });
      expect(answer).toMatchObject({
        errcode: 'M_UNRECOGNIZED',
        flows: [{ stages: ['m.login.dummy'] }],
        completed: [],
      });
    });

    test('a password is needed', async () => {
      await register({ username: 'nopassword', auth: dummy }, { expect: 'M_MISSING_PARAM' });
    });

    test('sessions outlive a restart, and not two days', async () => {
      const runtime = shiftableRuntime();
      const own = await start({ onDisk: true, runtime });
      const first = await own.client().call('register', { body: {} }, { expect: 401 });
      const second = await own.client().call('register', { body: {} }, { expect: 401 });
      await own.restart();
      await own
        .client()
        .call('register', { body: { username: 'a', password: 'p', auth: { ...dummy, session: first.session } } });
      runtime.forward(48 * 3_600_000);
      await own
        .client()
        .call(
          'register',
          { body: { username: 'b', password: 'p', auth: { ...dummy, session: second.session } } },
          { expect: 400 },
        );
    });
  });

  describe('user names', () => {
    test.each(['user-!', 'a:b', 'é', 'a b', 'line\nbreak', '', 'nul\0', '_bridge', '12345', 'x'.repeat(250)])(
      '%j is refused',
      async (username) => {
        await register({ username, password: 'p', auth: dummy }, { expect: 'M_INVALID_USERNAME' });
        await client.call('checkUsernameAvailability', { query: { username } }, { expect: 'M_INVALID_USERNAME' });
      },
    );

    test.each(['q3._=-/+', 'x'.repeat(249)])('%j is taken', async (username) => {
      expect(await register({ username, password: 'p', auth: dummy })).toMatchObject({ user_id: `@${username}:test` });
    });

    test('capitals become small', async () => {
      expect(await register({ username: 'CamelCase', password: 'p', auth: dummy })).toMatchObject({
        user_id: '@camelcase:test',
      });
      await register({ username: 'CAMELCASE', password: 'p', auth: dummy }, { expect: 'M_USER_IN_USE' });
      await client.call('checkUsernameAvailability', { query: { username: 'camelcase' } }, { expect: 'M_USER_IN_USE' });
    });

    test('who gives none gets a number', async () => {
      const first = await register({ password: 'p', auth: dummy });
      const second = await register({ password: 'p', auth: dummy });
      expect(first.user_id).toMatch(/^@\d+:test$/);
      expect(second.user_id).not.toBe(first.user_id);
    });

    test('a free name is available', async () => {
      expect(await client.call('checkUsernameAvailability', { query: { username: 'still_free' } })).toEqual({
        available: true,
      });
    });

    test('two at once for one name: one gets it', async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () =>
          client.send('register', { body: { username: 'contested', password: 'p', auth: dummy } }, { expect: 'any' }),
        ),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ body }) => body.errcode === 'M_USER_IN_USE')).toHaveLength(5);
    });

    test('with inhibit_user_in_use_error the name is only refused at the end', async () => {
      const own = await start({ config: { inhibit_user_in_use_error: true } });
      await own.registerUser('taken');
      expect(await own.client().call('checkUsernameAvailability', { query: { username: 'taken' } })).toEqual({
        available: true,
      });
      const { session } = await own
        .client()
        .call('register', { body: { username: 'taken', password: 'p' } }, { expect: 401 });
      await own
        .client()
        .call(
          'register',
          { body: { username: 'taken', password: 'p', auth: { ...dummy, session } } },
          { expect: 'M_USER_IN_USE' },
        );
    });

    test('underscores may be allowed', async () => {
      const own = await start({ config: { allow_underscore_prefixed_localpart: true } });
      await own.registerUser('_bridge');
    });
  });

  describe('what a new account has', () => {
    test('its name as its display name', async () => {
      const user = await server.registerUser('namely');
      expect(await user.call('getUserProfile', { params: { userId: user.userId! } })).toEqual({
        displayname: 'namely',
      });
    });

    test('a device with a made-up id', async () => {
      const user = await server.registerUser('devicely');
      expect(user.deviceId).toMatch(/^[A-Z]{10}$/);
    });

    test('no session if the client wants none', async () => {
      expect(await register({ username: 'nologin', password: 'p', auth: dummy, inhibit_login: true })).toEqual({
        user_id: '@nologin:test',
        home_server: 'test',
      });
      const later = await client.login('nologin', 'p');
      expect((await later.call('getDevices')).devices).toHaveLength(1);
    });

    test('a refresh token if the client can use one', async () => {
      const answer = await register({ username: 'refresher', password: 'p', auth: dummy, refresh_token: true });
      expect(answer).toMatchObject({ refresh_token: expect.any(String), expires_in_ms: expect.any(Number) });
    });

    test('a password with any characters', async () => {
      for (const [i, password] of ['übers3kr1t', '𝔘nicode', 'a'.repeat(512)].entries()) {
        await register({ username: `anypass${i}`, password, auth: dummy });
        await client.login(`anypass${i}`, password);
      }
      await register({ username: 'toolong', password: 'a'.repeat(513), auth: dummy }, { expect: 400 });
      await register({ username: 'nulpass', password: 'a\0b', auth: dummy }, { expect: 400 });
    });
  });

  describe('guests', () => {
    let open: TestServer;
    beforeAll(async () => {
      open = await start({ config: { allow_guest_access: true } });
    });

    test('are refused unless they are let in', async () => {
      await client.call('register', { query: { kind: 'guest' } }, { expect: 403 });
    });

    test('get a numeric id and no more rights than guests have', async () => {
      const guest = await open.client().registerGuest();
      expect(guest.userId).toMatch(/^@\d+:test$/);
      expect(await guest.call('getTokenOwner')).toEqual({
        user_id: guest.userId,
        is_guest: true,
        device_id: guest.deviceId,
      });
      await guest.call('getAccount3PIDs', {}, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
      await guest.call('deactivateAccount', { body: {} }, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
      await guest.call('changePassword', { body: { new_password: 'x' } }, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
    });

    test('can become users and keep their id', async () => {
      const guest = await open.client().registerGuest();
      const username = guest.userId!.slice(1).split(':')[0]!;
      const body = { username, password: 'now a user', guest_access_token: guest.accessToken, auth: dummy };
      const answer = await open.client().call('register', { body });
      expect(answer.user_id).toBe(guest.userId);
      await guest.call('getTokenOwner', {}, { expect: 'M_UNKNOWN_TOKEN' });
      const user = await open.client().login(guest.userId!, 'now a user');
      expect(await user.call('getTokenOwner')).toMatchObject({ is_guest: false });
      await open.client().call('register', { body }, { expect: 'M_UNKNOWN_TOKEN' });
    });

    test("can't take another's id", async () => {
      const [guest, other] = [await open.client().registerGuest(), await open.client().registerGuest()];
      const username = other.userId!.slice(1).split(':')[0]!;
      await open
        .client()
        .call(
          'register',
          { body: { username, password: 'p', guest_access_token: guest.accessToken, auth: dummy } },
          { expect: 'M_FORBIDDEN' },
        );
      const user = await open.registerUser('real');
      await open
        .client()
        .call(
          'register',
          { body: { username: 'real', password: 'p', guest_access_token: user.accessToken, auth: dummy } },
          { expect: 'M_FORBIDDEN' },
        );
    });

    test('must name the id to keep, and get no other', async () => {
      const guest = await open.client().registerGuest();
      const body = { password: 'p', guest_access_token: guest.accessToken, auth: dummy };
      await open.client().call('register', { body }, { expect: 'M_MISSING_PARAM' });
      await open.client().call('register', { body: { ...body, username: 'somebody' } }, { expect: 'M_FORBIDDEN' });
      await guest.call('getTokenOwner');
    });

    test('other kinds are unknown', async () => {
      await client.call('register', { query: { kind: 'robot' }, body: {} }, { expect: 400 });
    });
  });

  test('closed registration refuses', async () => {
    const own = await start({ config: { enable_registration: false } });
    await own.client().call('register', { body: {} }, { expect: 'M_FORBIDDEN' });
    await own.client().call('checkUsernameAvailability', { query: { username: 'x' } }, { expect: 403 });
    await own.registerAdmin('still');
  });

  test('application services are told that they are not served', async () => {
    await register({ type: 'm.login.application_service', username: 'x' }, { expect: 'M_UNRECOGNIZED' });
  });

  test('the password policy holds', async () => {
    const policy = {
      enabled: true,
      minimum_length: 8,
      require_digit: true,
      require_symbol: true,
      require_lowercase: true,
      require_uppercase: true,
    };
    const own = await start({ config: { password_config: { policy } } });
    const refusals = {
      aA1: 'M_PASSWORD_TOO_SHORT',
      'abcdefghI!': 'M_PASSWORD_NO_DIGIT',
      abcdefghI1: 'M_PASSWORD_NO_SYMBOL',
      'ABCDEFGH1!': 'M_PASSWORD_NO_LOWERCASE',
      'abcdefgh1!': 'M_PASSWORD_NO_UPPERCASE',
    };
    for (const [password, expect] of Object.entries(refusals)) {
      await own
        .client()
        .call('register', { body: { username: 'u', password, auth: dummy } }, { expect: expect as 'M_UNKNOWN' });
    }
    await own.client().call('register', { body: { username: 'u', password: 'abcdefghI1!', auth: dummy } });
    expect((await own.client().raw('GET', '/_matrix/client/v3/password_policy')).body).toEqual({
      'm.minimum_length': 8,
      'm.require_digit': true,
      'm.require_symbol': true,
      'm.require_uppercase': true,
      'm.require_lowercase': true,
    });
  });

  test('rc_registration counts accounts, not attempts', async () => {
    const own = await start({ config: { rc_registration: { per_second: 0.01, burst_count: 2 } } });
    const anybody = own.client();
    for (let i = 0; i < 5; i++) await anybody.call('register', { body: { username: `u${i}` } }, { expect: 401 });
    for (let i = 0; i < 5; i++)
      await anybody.call('register', { body: { username: '!', auth: dummy } }, { expect: 'M_INVALID_USERNAME' });
    await own.registerUser('one');
    await own.registerUser('two');
    const refused = await anybody.send(
      'register',
      { body: { username: 'three', password: 'p', auth: dummy } },
      { expect: 'M_LIMIT_EXCEEDED' },
    );
    expect(refused.body.retry_after_ms).toBeGreaterThan(0);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await own.registerAdmin('never-limited');
  });
});
