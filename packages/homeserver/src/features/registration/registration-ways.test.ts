import { createHmac } from 'node:crypto';
import { openDatabase } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { RegistrationTokens } from './registration-tokens.ts';

const dummy = { type: 'm.login.dummy' };
const tokenType = 'm.login.registration_token';

interface TestToken {
  token: string;
  usesAllowed?: number;
  expiryTime?: number;
}

/** Makes registration tokens while the server is down: it has no endpoint for it yet. */
async function addTokens(server: TestServer, tokens: readonly TestToken[]): Promise<void> {
  await server.restart({}, async () => {
    const opened = await openDatabase(server.config.database as Parameters<typeof openDatabase>[0], systemRuntime);
    const store = new RegistrationTokens(opened, systemRuntime.clock);
    await opened.transact(async (writer) => {
      for (const { token, usesAllowed, expiryTime } of tokens) await store.add(writer, token, usesAllowed, expiryTime);
    });
    await opened.close();
  });
}

describeServers((start) => {
  describe('registration tokens', () => {
    let server: TestServer;
    let client: TestClient;
    const runtime = shiftableRuntime();
    beforeAll(async () => {
      server = await start({ onDisk: true, runtime, config: { registration_requires_token: true } });
      client = server.client();
      await addTokens(server, [
        { token: 'any-number' },
        { token: 'single', usesAllowed: 1 },
        { token: 'two-uses', usesAllowed: 2 },
        { token: 'expires', expiryTime: runtime.clock.now() + 100 * 3_600_000 },
      ]);
    });

    function register(body: object, expectation: object = {}) {
      return client.call('register', { body }, expectation);
    }

    async function isValid(token: string): Promise<boolean> {
      return (await client.call('registrationTokenValidity', { query: { token } })).valid;
    }

    test('a valid one, and then the dummy, lets in', async () => {
      const { session, flows } = await register({ username: 'token', password: 'p' }, { expect: 401 });
      expect(flows).toEqual([{ stages: [tokenType, 'm.login.dummy'] }]);
      const half = await register(
        { username: 'token', password: 'p', auth: { type: tokenType, token: 'any-number', session } },
        { expect: 401 },
      );
      expect(half).toMatchObject({ completed: [tokenType], session });
      expect(half.errcode).toBeUndefined();
      await register({ username: 'token', password: 'p', auth: { ...dummy, session } });
    });

    test('stages are not skipped, and not taken out of order', async () => {
      const first = await register({ username: 'skipper', password: 'p', auth: dummy }, { expect: 401 });
      expect(first).toMatchObject({ errcode: 'M_FORBIDDEN', completed: [] });
      const again = await register(
        { username: 'skipper', password: 'p', auth: { ...dummy, session: first.session } },
        { expect: 401 },
      );
      expect(again.completed).toEqual([]);
      await client.call('checkUsernameAvailability', { query: { username: 'skipper' } });
    });

    test.each([
      [{}, 'M_MISSING_PARAM'],
      [{ token: 7 }, 'M_INVALID_PARAM'],
      [{ token: 'unknown' }, 'M_UNAUTHORIZED'],
      [{ token: 'not a token!' }, 'M_UNAUTHORIZED'],
    ])('%j is refused, and may be tried again', async (given, errcode) => {
      const { session } = await register({}, { expect: 401 });
      const answer = await register({ auth: { type: tokenType, session, ...given } }, { expect: 401 });
      expect(answer).toMatchObject({
        errcode,
        session,
        completed: [],
        flows: [{ stages: [tokenType, 'm.login.dummy'] }],
      });
      const better = await register({ auth: { type: tokenType, session, token: 'any-number' } }, { expect: 401 });
      expect(better.completed).toEqual([tokenType]);
    });

    test('a use that is begun is kept, and given back when the session is too old', async () => {
      expect(await isValid('single')).toBe(true);
      const { session } = await register({ auth: { type: tokenType, token: 'single' } }, { expect: 401 });
      expect(await isValid('single')).toBe(false);
      const other = await register({ auth: { type: tokenType, token: 'single' } }, { expect: 401 });
      expect(other).toMatchObject({ errcode: 'M_UNAUTHORIZED', completed: [] });
      // Showing it again in the session that has it isn't a second use.
      await register({ auth: { type: tokenType, token: 'single', session } }, { expect: 401 });
      runtime.forward(49 * 3_600_000);
      await register({ username: 'tooold', password: 'p', auth: { ...dummy, session } }, { expect: 400 });
    });

    test('a token is used up, whoever is faster', async () => {
      const results = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async (name) => {
          const half = await register({ auth: { type: tokenType, token: 'two-uses' } }, { expect: 401 });
          if (half.errcode) return false;
          await register({ username: `use-${name}`, password: 'p', auth: { ...dummy, session: half.session } });
          return true;
        }),
      );
      expect(results.filter(Boolean)).toHaveLength(2);
      expect(await isValid('two-uses')).toBe(false);
    });

    test('one that has expired is not valid', async () => {
      expect(await isValid('expires')).toBe(true);
      runtime.forward(100 * 3_600_000);
      expect(await isValid('expires')).toBe(false);
      expect(await isValid('')).toBe(false);
      expect(await isValid('x'.repeat(1000))).toBe(false);
    });

    test('the shared secret needs none', async () => {
      await server.registerAdmin('admin');
    });
  });

  test('asking about tokens is limited', async () => {
    const own = await start({ config: { rc_registration_token_validity: { per_second: 0.01, burst_count: 2 } } });
    for (let i = 0; i < 2; i++) await own.client().call('registrationTokenValidity', { query: { token: 'x' } });
    await own.client().call('registrationTokenValidity', { query: { token: 'x' } }, { expect: 'M_LIMIT_EXCEEDED' });
  });

  test('terms are to be agreed to where they must', async () => {
    const own = await start({
      config: {
        public_baseurl: 'https://matrix.example.org',
        user_consent: { template_dir: '/', version: '1.0', require_at_registration: true, policy_name: 'Our rules' },
      },
    });
    const answer = await own.client().call('register', { body: {} }, { expect: 401 });
    expect(answer.flows).toEqual([{ stages: ['m.login.terms', 'm.login.dummy'] }]);
    expect(answer.params).toEqual({
      'm.login.terms': {
        policies: {
          privacy_policy: {
            version: '1.0',
            en: { name: 'Our rules', url: 'https://matrix.example.org/_matrix/consent?v=1.0' },
          },
        },
      },
    });
    const { session } = answer;
    await own.client().call('register', { body: { auth: { type: 'm.login.terms', session } } }, { expect: 401 });
    await own.client().call('register', { body: { username: 'agreed', password: 'p', auth: { ...dummy, session } } });
  });

  describe('the shared secret', () => {
    let server: TestServer;
    let client: TestClient;
    const runtime = shiftableRuntime();
    beforeAll(async () => {
      server = await start({
        runtime,
        config: { enable_registration: false, user_types: { extra_user_types: ['robot'] } },
      });
      client = server.client();
    });
    const path = '/_synapse/admin/v1/register';

    async function nonce(): Promise<string> {
      return (await client.raw('GET', path, {}, { expect: 200 })).body.nonce;
    }

    function mac(parts: readonly string[], secret = 'registration secret of tests'): string {
      return createHmac('sha1', secret).update(parts.join('\0')).digest('hex');
    }

    async function register(
      body: Record<string, unknown>,
      macParts: (nonce: string) => string[],
      expect: number | `M_${string}` = 200,
    ) {
      const given = await nonce();
      return (
        await client.raw('POST', path, { body: { nonce: given, mac: mac(macParts(given)), ...body } }, { expect })
      ).body;
    }

    test('makes users and administrators, in small letters', async () => {
      const user = await register({ username: 'Plain', password: 'p' }, (n) => [n, 'Plain', 'p', 'notadmin']);
      expect(user).toMatchObject({ user_id: '@plain:test', access_token: expect.any(String), home_server: 'test' });
      const admin = await register({ username: 'boss', password: 'p', admin: true, displayname: 'The Boss' }, (n) => [
        n,
        'boss',
        'p',
        'admin',
      ]);
      expect(await client.call('getUserProfile', { params: { userId: admin.user_id } })).toEqual({
        displayname: 'The Boss',
      });
      const quiet = await register({ username: 'quiet', password: 'p', inhibit_login: true }, (n) => [
        n,
        'quiet',
        'p',
        'notadmin',
      ]);
      expect(quiet).toEqual({ user_id: '@quiet:test', home_server: 'test' });
    });

    test('takes user types that there are', async () => {
      await register({ username: 'bot', password: 'p', user_type: 'bot' }, (n) => [n, 'bot', 'p', 'notadmin', 'bot']);
      await register({ username: 'robot', password: 'p', user_type: 'robot' }, (n) => [
        n,
        'robot',
        'p',
        'notadmin',
        'robot',
      ]);
      await register(
        { username: 'cat', password: 'p', user_type: 'cat' },
        (n) => [n, 'cat', 'p', 'notadmin', 'cat'],
        400,
      );
    });

    test('refuses a wrong MAC: of other parts, by another secret, too short, too long', async () => {
      await register({ username: 'evil', password: 'p', admin: true }, (n) => [n, 'evil', 'p', 'notadmin'], 403);
      const given = await nonce();
      const body = { nonce: given, username: 'evil', password: 'p' };
      await client.raw(
        'POST',
        path,
        { body: { ...body, mac: mac([given, 'evil', 'p', 'notadmin'], 'guessed') } },
        { expect: 403 },
      );
      for (const wrong of ['', 'ab', 'ab'.repeat(1000), '€'.repeat(40)]) {
        await client.raw('POST', path, { body: { ...body, nonce: await nonce(), mac: wrong } }, { expect: 403 });
      }
    });

    test('takes each nonce once, and within a minute', async () => {
      const given = await nonce();
      const body = { nonce: given, username: 'nonced', password: 'p', mac: mac([given, 'nonced', 'p', 'notadmin']) };
      await client.raw('POST', path, { body }, { expect: 200 });
      await client.raw('POST', path, { body: { ...body, username: 'other' } }, { expect: 400 });
      await client.raw('POST', path, { body: { ...body, nonce: 'made up' } }, { expect: 400 });
      const late = await nonce();
      runtime.forward(61_000);
      await client.raw('POST', path, { body: { ...body, nonce: late } }, { expect: 400 });
    });

    test.each([{ username: 'us,er' }, { username: '' }, { username: '123' }])('refuses %j', async ({ username }) => {
      await register({ username, password: 'p' }, (n) => [n, username, 'p', 'notadmin'], 'M_INVALID_USERNAME');
    });

    test('refuses what has NUL in it, or not the right types', async () => {
      await register({ username: 'a\0b', password: 'p' }, (n) => [n, 'a\0b', 'p', 'notadmin'], 400);
      await register({ username: 'ab', password: 'p\0' }, (n) => [n, 'ab', 'p\0', 'notadmin'], 400);
      await client.raw('POST', path, { body: { nonce: 5, username: [], password: {}, mac: null } }, { expect: 400 });
      await client.raw('POST', path, { body: {} }, { expect: 400 });
    });

    test('may be switched off', async () => {
      const own = await start({ config: { registration_shared_secret: null } });
      await own.client().raw('GET', path, {}, { expect: 400 });
      await own
        .client()
        .raw('POST', path, { body: { nonce: 'a', username: 'b', password: 'c', mac: 'd' } }, { expect: 400 });
    });
  });

  describe('auto_join_rooms', () => {
    const rooms = ['#lobby:test', '#news:test', '#far:elsewhere'];

    test('the first person makes the rooms, the next ones join', async () => {
      const own = await start({ config: { auto_join_rooms: rooms, autocreate_auto_join_rooms_federated: false } });
      const first = await own.registerUser('first');
      const second = await own.registerUser('second');
      const lobby = (await first.call('getRoomIdByAlias', { params: { roomAlias: '#lobby:test' } })).room_id;
      for (const user of [first, second]) {
        const { joined_rooms: joined } = await user.call('getJoinedRooms');
        expect(joined).toHaveLength(2);
        expect(joined).toContain(lobby);
      }
      const create = await first.call('getRoomStateWithKey', {
        params: { roomId: lobby, eventType: 'm.room.create', stateKey: '' },
      });
      expect(create['m.federate']).toBe(false);
    });

    test('private rooms are made by the one who is named, who invites', async () => {
      const config = {
        auto_join_rooms: ['#lobby:test'],
        autocreate_auto_join_room_preset: 'private_chat',
        auto_join_mxid_localpart: 'host',
      };
      const own = await start({ config });
      // Without an account to make them, nobody is kept from registering.
      const early = await own.registerUser('early');
      expect((await early.call('getJoinedRooms')).joined_rooms).toEqual([]);
      const host = await own.registerUser('host');
      const roomId = await host.createRoom({ preset: 'private_chat', room_alias_name: 'lobby' });
      const guest = await own.registerUser('late');
      expect((await guest.call('getJoinedRooms')).joined_rooms).toEqual([roomId]);
    });

    test('guests join unless they are kept out', async () => {
      const config = { allow_guest_access: true, auto_join_rooms: ['#lobby:test'], auto_join_rooms_for_guests: false };
      const own = await start({ config });
      await own.registerUser('first');
      const guest = await own.client().registerGuest();
      expect((await guest.call('getJoinedRooms')).joined_rooms).toEqual([]);
    });
  });
});
