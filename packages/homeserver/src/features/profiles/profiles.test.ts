import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let number = 0;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => {
    alice = await server.registerUser(`alice${++number}`);
  });

  function set(user: TestClient, keyName: string, value: unknown, expectation: object = {}, userId = user.userId!) {
    return user.call('setProfileField', { params: { userId, keyName }, body: { [keyName]: value } }, expectation);
  }

  function get(keyName: string, expectation: object = {}, asker: TestClient = server.client(), userId = alice.userId!) {
    return asker.call('getProfileField', { params: { userId, keyName } }, expectation);
  }

  function whole(expectation: object = {}, asker: TestClient = server.client(), userId = alice.userId!) {
    return asker.call('getUserProfile', { params: { userId } }, expectation);
  }

  function remove(user: TestClient, keyName: string, expectation: object = {}, userId = user.userId!) {
    return user.call('deleteProfileField', { params: { userId, keyName } }, expectation);
  }

  describe('the name and the picture', () => {
    test('are set and shown to anybody', async () => {
      await set(alice, 'displayname', 'Alice ✨');
      await set(alice, 'avatar_url', 'mxc://test/picture');
      expect(await get('displayname')).toEqual({ displayname: 'Alice ✨' });
      expect(await get('avatar_url')).toEqual({ avatar_url: 'mxc://test/picture' });
      expect(await whole()).toEqual({ displayname: 'Alice ✨', avatar_url: 'mxc://test/picture' });
    });

    test.each(['', null])('are taken out by %j', async (value) => {
      await set(alice, 'avatar_url', 'mxc://test/picture');
      await set(alice, 'avatar_url', value);
      await set(alice, 'displayname', value);
      await get('avatar_url', { expect: 'M_NOT_FOUND' });
      await whole({ expect: 'M_NOT_FOUND' });
    });

    test('are taken out by DELETE, which may be repeated', async () => {
      await remove(alice, 'displayname');
      await remove(alice, 'displayname');
      await get('displayname', { expect: 'M_NOT_FOUND' });
    });

    test('have limits', async () => {
      await set(alice, 'displayname', '💥'.repeat(256));
      await set(alice, 'displayname', 'x'.repeat(257), { expect: 400 });
      await set(alice, 'avatar_url', `mxc://test/${'x'.repeat(989)}`);
      await set(alice, 'avatar_url', `mxc://test/${'x'.repeat(990)}`, { expect: 400 });
      await set(alice, 'displayname', 5, { expect: 'M_INVALID_PARAM' });
      await set(alice, 'avatar_url', {}, { expect: 'M_INVALID_PARAM' });
    });

    test('go into the rooms that the user is in, and no others', async () => {
      const bob = await server.registerUser(`bob${number}`);
      const [shared, left] = [await alice.createRoom({ invite: [bob.userId!] }), await alice.createRoom()];
      await bob.joinRoom(shared);
      await alice.leaveRoom(left);
      await bob.sync();
      await set(alice, 'displayname', 'Alice the Second');
      const event = await bob.waitForEvent(
        shared,
        (one) => one.state_key === alice.userId && one.content.displayname === 'Alice the Second',
      );
      expect(event.content).toEqual({ membership: 'join', displayname: 'Alice the Second' });
      await set(alice, 'avatar_url', 'mxc://test/second');
      await bob.waitForEvent(shared, (one) => one.content.avatar_url === 'mxc://test/second');
      await remove(alice, 'displayname');
      const last = await bob.waitForEvent(
        shared,
        (one) => one.state_key === alice.userId && !('displayname' in one.content),
      );
      expect(last.content).toEqual({ membership: 'join', avatar_url: 'mxc://test/second' });
    });

    test('that are as before make no events', async () => {
      const roomId = await alice.createRoom();
      await set(alice, 'displayname', 'Twice');
      const params = { roomId, eventType: 'm.room.member', stateKey: alice.userId! };
      await expect
        .poll(async () => (await alice.call('getRoomStateWithKey', { params })).displayname, { timeout: 5_000 })
        .toBe('Twice');
      await alice.sync();
      await set(alice, 'displayname', 'Twice');
      const eventId = await alice.sendText(roomId, 'end');
      await alice.waitForEvent(roomId, eventId, { filter: { room: { timeline: { limit: 50 } } } });
      const { chunk } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 20 } });
      const names = chunk.filter(
        (event: { type: string; content: { displayname?: string } }) => event.content.displayname === 'Twice',
      );
      expect(names).toHaveLength(1);
    });

    test('end up in every room, and as they were set last, when they change quickly', async () => {
      const rooms = [];
      for (let i = 0; i < 6; i++) rooms.push(await alice.createRoom());
      for (let i = 0; i < 10; i++) await set(alice, 'displayname', `Name ${i}`);
      for (const roomId of rooms) {
        const params = { roomId, eventType: 'm.room.member', stateKey: alice.userId! };
        await expect
          .poll(async () => (await alice.call('getRoomStateWithKey', { params })).displayname, { timeout: 5_000 })
          .toBe('Name 9');
      }
    });
  });

  describe('other fields', () => {
    test.each([
      ['m.tz', 'Europe/Berlin'],
      ['org.example.job', { title: 'Baker', since: 2020, tags: ['bread', null, true] }],
      ['org.example.null', null],
      ['constructor', 'not the prototype'],
      ['org.example.text', 'a\0b'],
    ])('%s may be %j', async (name, value) => {
      await set(alice, name, value);
      expect(await get(name)).toEqual({ [name]: value });
      expect(await whole()).toMatchObject({ [name]: value });
      await remove(alice, name);
      await get(name, { expect: 'M_NOT_FOUND' });
    });

    test.each([
      ['Upper', 'M_INVALID_PARAM'],
      ['9nine', 'M_INVALID_PARAM'],
      ['__proto__', 'M_INVALID_PARAM'],
      ['with space', 'M_INVALID_PARAM'],
      ['ü', 'M_INVALID_PARAM'],
      ['x'.repeat(256), 'M_KEY_TOO_LARGE'],
    ])("can't be called %s", async (name, errcode) => {
      await set(alice, name, 'x', { expect: errcode });
      await get(name, { expect: errcode });
      await remove(alice, name, { expect: errcode });
    });

    test('may have names of 255 bytes', async () => {
      await set(alice, 'x'.repeat(255), 'x');
    });

    test('make up less than 64 KiB together', async () => {
      await set(alice, 'org.example.one', 'x'.repeat(40_000));
      await set(alice, 'org.example.two', 'x'.repeat(30_000), { expect: 'M_PROFILE_TOO_LARGE' });
      await set(alice, 'org.example.one', 'x'.repeat(20_000));
      await set(alice, 'org.example.two', 'x'.repeat(30_000));
      await set(alice, 'org.example.two', 'é'.repeat(30_000), { expect: 'M_PROFILE_TOO_LARGE' });
    });

    test('must be in the body under their name', async () => {
      const params = { userId: alice.userId!, keyName: 'm.tz' };
      await alice.call('setProfileField', { params, body: { displayname: 'x' } }, { expect: 'M_MISSING_PARAM' });
      await alice.call('setProfileField', { params, body: [] }, { expect: 400 });
      await set(alice, 'm.tz', 7, { expect: 'M_INVALID_PARAM' });
    });
  });

  describe('who may change them', () => {
    test('the user, and administrators', async () => {
      const [bob, admin] = [await server.registerUser(`bob${number}`), await server.registerAdmin(`admin${number}`)];
      await set(bob, 'displayname', 'hacked', { expect: 'M_FORBIDDEN' }, alice.userId!);
      await remove(bob, 'displayname', { expect: 'M_FORBIDDEN' }, alice.userId!);
      await set(admin, 'displayname', 'Moderated', {}, alice.userId!);
      expect(await get('displayname')).toEqual({ displayname: 'Moderated' });
      await set(admin, 'displayname', 'x', { expect: 'M_NOT_FOUND' }, '@nobody:test');
      await set(admin, 'displayname', 'x', { expect: 'M_NOT_FOUND' }, '@alice:elsewhere');
      await server
        .client()
        .call(
          'setProfileField',
          { params: { userId: alice.userId!, keyName: 'displayname' }, body: { displayname: 'x' } },
          { expect: 'M_MISSING_TOKEN' },
        );
    });

    test('guests only their name', async () => {
      const own = await start({ config: { allow_guest_access: true } });
      const guest = await own.client().registerGuest();
      await set(guest, 'displayname', 'Visitor');
      await set(guest, 'avatar_url', 'mxc://a/b', { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
      await remove(guest, 'm.tz', { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
    });

    test('nobody but administrators where that is configured, except for the first time', async () => {
      const own = await start({ config: { enable_set_displayname: false, enable_set_avatar_url: false } });
      const [user, admin] = [await own.registerUser('user'), await own.registerAdmin('admin')];
      await set(user, 'displayname', 'x', { expect: 'M_FORBIDDEN' });
      await remove(user, 'displayname', { expect: 'M_FORBIDDEN' });
      await set(user, 'avatar_url', 'mxc://test/first');
      await set(user, 'avatar_url', 'mxc://test/second', { expect: 'M_FORBIDDEN' });
      await set(user, 'm.tz', 'Europe/Rome');
      await set(admin, 'displayname', 'by the admin', {}, user.userId!);
      const { capabilities } = await user.call('getCapabilities');
      expect(capabilities).toMatchObject({
        'm.set_displayname': { enabled: false },
        'm.set_avatar_url': { enabled: false },
        'm.profile_fields': { enabled: true, disallowed: ['displayname', 'avatar_url'] },
      });
    });

    test('pictures that are not known to fit are refused where there are limits', async () => {
      const own = await start({ config: { max_avatar_size: '1M' } });
      const user = await own.registerUser('user');
      await set(user, 'avatar_url', 'mxc://elsewhere/unknown', { expect: 'M_FORBIDDEN' });
      await set(user, 'avatar_url', '');
    });
  });

  describe('who may see them', () => {
    test('nobody finds users that are not there', async () => {
      await whole({ expect: 'M_NOT_FOUND' }, undefined, '@nobody:test');
      await get('displayname', { expect: 'M_NOT_FOUND' }, undefined, '@nobody:test');
      // A server that isn't to be reached.
      await whole({ expect: 502 }, undefined, '@alice:elsewhere');
      await get('displayname', { expect: 502 }, undefined, '@alice:elsewhere');
      for (const userId of ['alice', '@alice', '!room:test', '@'.repeat(300)])
        await whole({ expect: [400, 404] }, undefined, userId);
    });

    test('only users, where that is configured', async () => {
      const own = await start({ config: { require_auth_for_profile_requests: true } });
      const user = await own.registerUser('user');
      const params = { userId: user.userId! };
      await own.client().call('getUserProfile', { params }, { expect: 'M_MISSING_TOKEN' });
      await own
        .client()
        .call('getProfileField', { params: { ...params, keyName: 'displayname' } }, { expect: 'M_MISSING_TOKEN' });
      await (await own.registerUser('other')).call('getUserProfile', { params });
    });

    test('only users in the same room, where that is configured', async () => {
      const own = await start({
        config: { require_auth_for_profile_requests: true, limit_profile_requests_to_users_who_share_rooms: true },
      });
      const [user, friend, stranger] = [
        await own.registerUser('user'),
        await own.registerUser('friend'),
        await own.registerUser('stranger'),
      ];
      const roomId = await user.createRoom({ invite: [friend.userId!] });
      const params = { userId: user.userId! };
      await user.call('getUserProfile', { params });
      await friend.call('getUserProfile', { params }, { expect: 'M_FORBIDDEN' });
      await friend.joinRoom(roomId);
      await friend.call('getUserProfile', { params });
      await stranger.call('getUserProfile', { params }, { expect: 'M_FORBIDDEN' });
      await stranger.call('getUserProfile', { params: { userId: '@nobody:test' } }, { expect: 'M_FORBIDDEN' });
    });

    test('not too often (rc_profile)', async () => {
      const own = await start({ config: { rc_profile: { per_second: 0.01, burst_count: 2 } } });
      const user = await own.registerUser('user');
      for (const asker of [own.client(), user]) {
        for (let i = 0; i < 2; i++) await asker.call('getUserProfile', { params: { userId: user.userId! } });
        await asker.call('getUserProfile', { params: { userId: user.userId! } }, { expect: 'M_LIMIT_EXCEEDED' });
      }
    });
  });
});
