import { openDatabase, sql } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { Names } from '../names/index.ts';
import { Counters } from '../counters/index.ts';
import type { AccountFlags } from './account.ts';
import { Accounts } from './accounts.ts';

function password(user: TestClient, text: string): object {
  return { type: 'm.login.password', identifier: { type: 'm.id.user', user: user.userId }, password: text };
}

/** Sets flags of accounts while the server is down: it has no endpoint for it yet. */
async function setFlags(server: TestServer, flags: Readonly<Record<string, Partial<AccountFlags>>>): Promise<void> {
  await server.restart({}, async () => {
    const opened = await openDatabase(server.config.database as Parameters<typeof openDatabase>[0], systemRuntime);
    const [names, accounts] = [
      await Names.open(opened, await Counters.open(opened)),
      new Accounts(opened, systemRuntime.clock),
    ];
    await opened.transact(async (writer) => {
      for (const [userId, own] of Object.entries(flags))
        await accounts.setFlags(writer, await names.user(writer, userId), own);
    });
    await opened.close();
  });
}

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  describe('changing the password', () => {
    test('asks for the old one, then ends the other sessions', async () => {
      const user = await server.registerUser('changer', 'old');
      const other = await server.client().login('changer', 'old');
      const asked = await user.call('changePassword', { body: { new_password: 'new' } }, { expect: 401 });
      expect(asked).toMatchObject({ flows: [{ stages: ['m.login.password'] }], session: expect.any(String) });
      const auth = { ...password(user, 'old'), session: asked.session };
      expect(await user.call('changePassword', { body: { new_password: 'new', auth } })).toEqual({});
      await user.call('getTokenOwner');
      await other.call('getTokenOwner', {}, { expect: 'M_UNKNOWN_TOKEN' });
      expect((await user.call('getDevices')).devices).toHaveLength(1);
      await server.client().call('login', { body: { ...password(user, 'old') } }, { expect: 'M_FORBIDDEN' });
      await server.client().login('changer', 'new');
    });

    test('can leave the other sessions alone', async () => {
      const user = await server.registerUser('keeper', 'old');
      const other = await server.client().login('keeper', 'old');
      await user.call('changePassword', {
        body: { new_password: 'new', logout_devices: false, auth: password(user, 'old') },
      });
      await other.call('getTokenOwner');
    });

    test('needs the right password, which may be tried again', async () => {
      const user = await server.registerUser('wrong', 'old');
      const refused = await user.call(
        'changePassword',
        { body: { new_password: 'new', auth: password(user, 'guess') } },
        { expect: 401 },
      );
      expect(refused).toMatchObject({ errcode: 'M_FORBIDDEN', completed: [], session: expect.any(String) });
      await user.call('changePassword', {
        body: { new_password: 'new', auth: { ...password(user, 'old'), session: refused.session } },
      });
    });

    test('can not set another password than the one that was asked for', async () => {
      const user = await server.registerUser('switcher', 'old');
      const { session } = await user.call('changePassword', { body: { new_password: 'harmless' } }, { expect: 401 });
      const auth = { ...password(user, 'old'), session };
      await user.call('changePassword', { body: { new_password: 'evil', auth } }, { expect: 'M_FORBIDDEN' });
      await user.call(
        'changePassword',
        { body: { new_password: 'harmless', logout_devices: false, auth } },
        { expect: 'M_FORBIDDEN' },
      );
      await user.call('changePassword', { body: { new_password: 'harmless', auth } });
    });

    test('needs a new password that holds the policy, and an access token', async () => {
      const own = await start({ config: { password_config: { policy: { enabled: true, minimum_length: 10 } } } });
      const user = await own.registerUser('policy', 'long enough');
      await user.call(
        'changePassword',
        { body: { new_password: 'short', auth: password(user, 'long enough') } },
        { expect: 'M_PASSWORD_TOO_SHORT' },
      );
      await user.call(
        'changePassword',
        { body: { auth: password(user, 'long enough') } },
        { expect: 'M_MISSING_PARAM' },
      );
      await own
        .client()
        .call('changePassword', { body: { new_password: 'long enough 2' } }, { expect: 'M_MISSING_TOKEN' });
      expect((await own.client().raw('GET', '/_matrix/client/v3/password_policy')).body).toEqual({
        'm.minimum_length': 10,
      });
    });

    test('is not possible where the server has no passwords of its own', async () => {
      const own = await start({ config: { password_config: { localdb_enabled: false } } });
      const user = await own.registerUser('nolocal');
      await user.call('changePassword', { body: { new_password: 'x' } }, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('deactivating the account', () => {
    async function deactivate(user: TestClient, text: string, more: object = {}): Promise<void> {
      const answer = await user.call('deactivateAccount', { body: { auth: password(user, text), ...more } });
      expect(answer).toEqual({ id_server_unbind_result: 'success' });
    }

    test('asks for the password', async () => {
      const user = await server.registerUser('stays', 'secret');
      const asked = await user.call('deactivateAccount', { body: {} }, { expect: 401 });
      expect(asked.flows).toEqual([{ stages: ['m.login.password'] }]);
      await user.call(
        'deactivateAccount',
        { body: { auth: { ...password(user, 'guess'), session: asked.session } } },
        { expect: 'M_FORBIDDEN' },
      );
      await server.client().call('deactivateAccount', { body: {} }, { expect: 'M_MISSING_TOKEN' });
      await user.call('getTokenOwner');
    });

    test('ends it: no session, no login, the name stays taken', async () => {
      const user = await server.registerUser('leaver', 'secret');
      const other = await server.client().login('leaver', 'secret');
      await deactivate(user, 'secret');
      for (const one of [user, other]) await one.call('getTokenOwner', {}, { expect: 'M_UNKNOWN_TOKEN' });
      await server.client().call('login', { body: password(user, 'secret') }, { expect: 'M_USER_DEACTIVATED' });
      await server
        .client()
        .call('checkUsernameAvailability', { query: { username: 'leaver' } }, { expect: 'M_USER_IN_USE' });
      const again = { username: 'leaver', password: 'p', auth: { type: 'm.login.dummy' } };
      await server.client().call('register', { body: again }, { expect: 'M_USER_IN_USE' });
    });

    test('takes the user out of their rooms, invites and knocks', async () => {
      const user = await server.registerUser('roomy', 'secret');
      const friend = await server.registerUser('friend');
      const joined = await friend.createRoom({ preset: 'public_chat' });
      const invited = await friend.createRoom({ invite: [user.userId!] });
      await user.joinRoom(joined);
      await deactivate(user, 'secret');
      for (const roomId of [joined, invited]) {
        const params = { roomId, eventType: 'm.room.member', stateKey: user.userId! };
        await expect
          .poll(async () => (await friend.call('getRoomStateWithKey', { params })).membership, { timeout: 5_000 })
          .toBe('leave');
      }
    });

    test('forgets the profile if the user asks for it', async () => {
      const [user, other] = [
        await server.registerUser('erased', 'secret'),
        await server.registerUser('kept', 'secret'),
      ];
      await deactivate(user, 'secret', { erase: true });
      await deactivate(other, 'secret');
      await server.client().call('getUserProfile', { params: { userId: user.userId! } }, { expect: 'M_NOT_FOUND' });
      await server.client().call('getUserProfile', { params: { userId: other.userId! } });
    });

    test('removes what the user kept at the server', async () => {
      const own = await start({ onDisk: true });
      const user = await own.registerUser('hoarder', 'secret');
      const params = { userId: user.userId!, type: 'org.example.private' };
      await user.call('setAccountData', { params, body: { diary: 'dear diary' } });
      await user.call('setAccountData', {
        params: { ...params, type: 'm.ignored_user_list' },
        body: { ignored_users: { '@eve:test': {} } },
      });
      await user.call('setPushRule', {
        params: { scope: 'global', kind: 'content', ruleId: 'own' },
        body: { pattern: 'cake', actions: ['notify'] },
      });
      await deactivate(user, 'secret');
      const rows: number[] = [];
      await own.restart({}, async () => {
        const opened = await openDatabase(own.config.database as Parameters<typeof openDatabase>[0], systemRuntime);
        for (const table of [
          'account_data',
          'ignored_users',
          'push_rule_sets',
          'access_tokens',
          'devices',
          'pushers',
        ]) {
          const row = await opened.reader.get<{ rows: number }>(sql`SELECT COUNT(*) AS rows FROM ${sql.raw(table)}`);
          rows.push(row?.rows ?? -1);
        }
        await opened.close();
      });
      expect(rows).toEqual([0, 0, 0, 0, 0, 0]);
    });

    test('leaves the rooms after a restart if it came to nothing before', async () => {
      const own = await start({ onDisk: true });
      const user = await own.registerUser('user', 'secret');
      const friend = await own.registerUser('friend');
      const rooms = [];
      for (let i = 0; i < 8; i++) rooms.push(await friend.createRoom({ preset: 'public_chat' }));
      for (const roomId of rooms) await user.joinRoom(roomId);
      await deactivate(user, 'secret');
      await own.restart();
      for (const roomId of rooms) {
        const params = { roomId, eventType: 'm.room.member', stateKey: user.userId! };
        await expect
          .poll(async () => (await friend.call('getRoomStateWithKey', { params })).membership, { timeout: 5_000 })
          .toBe('leave');
      }
    });
  });

  test('there are no third-party identifiers', async () => {
    const user = await server.registerUser('no3pid');
    expect(await user.call('getAccount3PIDs')).toEqual({ threepids: [] });
  });

  test('with hs_disabled only administrators get in', async () => {
    const own = await start({ onDisk: true });
    const [user, admin] = [await own.registerUser('user', 'secret'), await own.registerAdmin('admin', 'secret')];
    await own.restart({
      hs_disabled: true,
      hs_disabled_message: 'Closed for repairs',
      admin_contact: 'mailto:admin@test',
    });
    const refusal = {
      errcode: 'M_RESOURCE_LIMIT_EXCEEDED',
      error: 'Closed for repairs',
      limit_type: 'hs_disabled',
      admin_contact: 'mailto:admin@test',
    };
    expect(await user.call('getTokenOwner', {}, { expect: 403 })).toEqual(refusal);
    expect(await own.client().call('login', { body: password(user, 'secret') }, { expect: 403 })).toEqual(refusal);
    expect(await own.client().call('register', { body: {} }, { expect: 403 })).toEqual(refusal);
    await admin.call('getTokenOwner');
    await own.client().login('admin', 'secret');
    await user.call('logout');
  });

  test('accounts that are locked, suspended or deactivated', async () => {
    const own = await start({ onDisk: true });
    const [locked, suspended, deactivated] = [
      await own.registerUser('locked', 'secret'),
      await own.registerUser('suspended', 'secret'),
      await own.registerUser('gone', 'secret'),
    ];
    await setFlags(own, {
      '@locked:test': { locked: true },
      '@suspended:test': { suspended: true },
      '@gone:test': { deactivated: true },
    });

    const refused = await locked.call('getTokenOwner', {}, { expect: 401 });
    expect(refused).toMatchObject({ errcode: 'M_USER_LOCKED', soft_logout: true });
    const login = await own.client().call('login', { body: password(locked, 'secret') }, { expect: 401 });
    expect(login).toMatchObject({ errcode: 'M_USER_LOCKED', soft_logout: true });
    await own.client().call('login', { body: password(locked, 'guess') }, { expect: 'M_FORBIDDEN' });
    await locked.call('changePassword', { body: { new_password: 'x' } }, { expect: 'M_USER_LOCKED' });
    await locked.call('logout');

    await suspended.call('getTokenOwner');
    await own.client().login('suspended', 'secret');
    const params = { userId: suspended.userId!, keyName: 'displayname' };
    await suspended.call('setProfileField', { params, body: { displayname: 'x' } }, { expect: 'M_USER_SUSPENDED' });

    expect((await deactivated.send('getTokenOwner', {}, { expect: 401 })).body.errcode).toBe('M_USER_DEACTIVATED');
    await own.client().call('login', { body: password(deactivated, 'secret') }, { expect: 'M_USER_DEACTIVATED' });
  });
});
