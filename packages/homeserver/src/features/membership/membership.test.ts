import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

type Action = 'kick' | 'ban' | 'unban' | 'inviteUser';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => server.registerUser(name)))) as [
      TestClient,
      TestClient,
      TestClient,
    ];
  });
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' });
  });

  const act = (
    client: TestClient,
    action: Action,
    target: TestClient | string,
    body: object = {},
    expectation = {},
  ): Promise<Json> => {
    const userId = typeof target === 'string' ? target : target.userId;
    return client.call(action, { params: { roomId }, body: { user_id: userId, ...body } }, expectation);
  };
  const memberContent = (client: TestClient, of: TestClient): Promise<Json> =>
    client.call('getRoomStateWithKey', { params: { roomId, eventType: 'm.room.member', stateKey: of.userId! } });
  const setMember = (client: TestClient, of: TestClient | string, body: unknown, expectation = {}): Promise<Json> =>
    client.call(
      'setRoomStateWithKey',
      { params: { roomId, eventType: 'm.room.member', stateKey: typeof of === 'string' ? of : of.userId! }, body },
      expectation,
    );

  describe('kicking, banning and unbanning', () => {
    it('is for those with the power', async () => {
      await bob.joinRoom(roomId);
      await carol.joinRoom(roomId);
      for (const action of ['kick', 'ban'] as const) {
        await act(bob, action, carol, {}, { expect: 'M_FORBIDDEN' });
        await act(bob, action, alice, {}, { expect: 'M_FORBIDDEN' });
      }
      await act(alice, 'ban', carol);
      await act(bob, 'unban', carol, {}, { expect: 'M_FORBIDDEN' });
      await act(carol, 'unban', carol, {}, { expect: 'M_FORBIDDEN' });
    });

    it('says why', async () => {
      await bob.joinRoom(roomId);
      await act(alice, 'kick', bob, { reason: 'too loud' });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'leave', reason: 'too loud' });
      await act(alice, 'ban', bob, { reason: 'still loud' });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'ban', reason: 'still loud' });
      await bob.call('joinRoom', { params: { roomIdOrAlias: roomId } }, { expect: 403 });
      await act(alice, 'unban', bob, { reason: 'quiet now' });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'leave', reason: 'quiet now' });
      await bob.joinRoom(roomId);
      await act(alice, 'kick', bob, { reason: 5 }, { expect: 'M_BAD_JSON' });
    });

    it('does not act on who is not there', async () => {
      await act(alice, 'kick', bob, {}, { expect: 'M_FORBIDDEN' });
      await act(alice, 'kick', '@nobody:test', {}, { expect: 'M_FORBIDDEN' });
      await act(alice, 'unban', bob, {}, { expect: 'M_BAD_STATE' });
      await bob.joinRoom(roomId);
      await act(alice, 'unban', bob, {}, { expect: 'M_BAD_STATE' });
      await bob.leaveRoom(roomId);
      await act(alice, 'kick', bob, {}, { expect: 'M_FORBIDDEN' });
      // Whom one doesn't want to see can be banned beforehand.
      await act(alice, 'ban', bob);
      await act(alice, 'kick', bob, {}, { expect: 'M_BAD_STATE' });
      await act(alice, 'inviteUser', bob, {}, { expect: 'M_BAD_STATE' });
      await act(alice, 'ban', bob, { reason: 'again' });
    });

    it('needs a user and a room', async () => {
      for (const action of ['kick', 'ban', 'unban', 'inviteUser'] as const) {
        await alice.call(action, { params: { roomId }, body: {} }, { expect: 'M_MISSING_PARAM' });
        await act(alice, action, 'bob', {}, { expect: 'M_INVALID_PARAM' });
        // No difference between rooms that aren't there and those of others.
        await alice.call(
          action,
          { params: { roomId: '!nowhere:test' }, body: { user_id: bob.userId } },
          { expect: 'M_FORBIDDEN' },
        );
        await carol.call(action, { params: { roomId }, body: { user_id: '@somebody:test' } }, { expect: 403 });
      }
    });
  });

  describe('inviting', () => {
    beforeEach(async () => {
      roomId = await alice.createRoom({ preset: 'private_chat', name: 'A room' });
    });

    it('lets the invited in, with a reason and their name', async () => {
      await bob.call('joinRoom', { params: { roomIdOrAlias: roomId } }, { expect: 'M_FORBIDDEN' });
      await act(alice, 'inviteUser', bob, { reason: 'come in' });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'invite', reason: 'come in', displayname: 'bob' });
      const stripped = await bob.waitForInvite(roomId);
      expect(stripped.find((event) => event.type === 'm.room.name').content).toEqual({ name: 'A room' });
      await bob.call('joinRoomById', { params: { roomId }, body: { reason: 'gladly' } });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'join', reason: 'gladly', displayname: 'bob' });
    });

    it('can be turned down, and tried again', async () => {
      await act(alice, 'inviteUser', bob);
      await bob.call('leaveRoom', { params: { roomId }, body: { reason: 'no' } });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'leave', reason: 'no' });
      await bob.call('joinRoom', { params: { roomIdOrAlias: roomId } }, { expect: 'M_FORBIDDEN' });
      await act(alice, 'inviteUser', bob);
      await act(alice, 'kick', bob);
      await bob.call('joinRoom', { params: { roomIdOrAlias: roomId } }, { expect: 'M_FORBIDDEN' });
    });

    it('is not for members, nor by outsiders', async () => {
      await act(alice, 'inviteUser', bob);
      await bob.joinRoom(roomId);
      await act(alice, 'inviteUser', bob, {}, { expect: 'M_FORBIDDEN' });
      await act(carol, 'inviteUser', carol, {}, { expect: 'M_FORBIDDEN' });
      await act(alice, 'inviteUser', '@nobody:test');
    });

    it("says what it can't do", async () => {
      await act(alice, 'inviteUser', '@somebody:elsewhere.example', {}, { expect: 502 });
      const body = { id_server: 'id.example', id_access_token: 'x', medium: 'email', address: 'a@b.example' };
      await alice.call('inviteUser', { params: { roomId }, body }, { expect: 'M_THREEPID_DENIED' });
      await alice.call('createRoom', { body: { invite_3pid: [body] } }, { expect: 'M_THREEPID_DENIED' });
    });

    it('respects who wants none', async () => {
      const quiet = await server.registerUser(
        `quiet${roomId
          .slice(1, 6)
          .toLowerCase()
          .replaceAll(/[^a-z]/g, 'x')}`,
      );
      const set = (content: object): Promise<Json> =>
        quiet.call('setAccountData', {
          params: { userId: quiet.userId!, type: 'm.invite_permission_config' },
          body: content,
        });
      await set({ default_action: 'block' });
      await act(alice, 'inviteUser', quiet, {}, { expect: 'M_INVITE_BLOCKED' });
      await setMember(alice, quiet, { membership: 'invite' }, { expect: 'M_INVITE_BLOCKED' });
      await alice.call('createRoom', { body: { invite: [quiet.userId] } }, { expect: 'M_INVITE_BLOCKED' });
      const earlier = await alice.createRoom();
      await set({});
      await alice.invite(earlier, quiet.userId!);
      await set({ default_action: 'block' });
      expect((await quiet.sync()).rooms.invite).toBeUndefined();
      await set({ default_action: 'allow' });
      await act(alice, 'inviteUser', quiet);
      expect(Object.keys((await quiet.sync()).rooms.invite).toSorted()).toEqual([earlier, roomId].toSorted());
    });
  });

  describe('leaving', () => {
    it('is possible from every place in a room', async () => {
      await bob.joinRoom(roomId);
      await bob.call('leaveRoom', { params: { roomId }, body: { reason: 'enough' } });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'leave', reason: 'enough' });
      // Twice is as good as once.
      await bob.call('leaveRoom', { params: { roomId }, body: {} });
      await bob.call('leaveRoom', { params: { roomId: '!nowhere:test' }, body: {} }, { expect: 'M_NOT_FOUND' });
      await carol.call('leaveRoom', { params: { roomId }, body: {} }, { expect: 'M_FORBIDDEN' });
      await act(alice, 'ban', carol);
      await carol.call('leaveRoom', { params: { roomId }, body: {} }, { expect: 'M_FORBIDDEN' });
    });

    it('by the last member leaves a room that nobody can enter', async () => {
      await alice.leaveRoom(roomId);
      expect((await alice.call('getJoinedRooms')).joined_rooms).not.toContain(roomId);
      const locked = await alice.createRoom();
      await alice.leaveRoom(locked);
      await alice.call('joinRoom', { params: { roomIdOrAlias: locked } }, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('forgetting', () => {
    it('takes a room that was left away', async () => {
      await bob.joinRoom(roomId);
      await bob.call('forgetRoom', { params: { roomId } }, { expect: 'M_UNKNOWN' });
      await bob.leaveRoom(roomId);
      await bob.call('getRoomState', { params: { roomId } });
      await bob.call('forgetRoom', { params: { roomId } });
      await bob.call('forgetRoom', { params: { roomId } });
      await bob.call('getRoomState', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
      await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b' } }, { expect: 'M_FORBIDDEN' });
      await bob.joinRoom(roomId);
      await bob.call('getRoomState', { params: { roomId } });
      await carol.call('forgetRoom', { params: { roomId } });
      await carol.call('forgetRoom', { params: { roomId: '!nowhere:test' } });
    });

    it('can be what leaving means', async () => {
      const own = await start({ config: { forget_rooms_on_leave: true } });
      const user = await own.registerUser('user');
      const room = await user.createRoom();
      await user.leaveRoom(room);
      await user.call('getRoomState', { params: { roomId: room } }, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('membership as state', () => {
    it('goes by the same rules', async () => {
      await setMember(bob, bob, { membership: 'join', displayname: 'Bob here' });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'join', displayname: 'Bob here' });
      await setMember(bob, bob, { membership: 'leave', reason: 'gone' });
      await setMember(alice, bob, { membership: 'leave' }, { expect: 200 });
      await setMember(alice, bob, { membership: 'ban' });
      await setMember(alice, bob, { membership: 'invite' }, { expect: 'M_BAD_STATE' });
      await setMember(alice, bob, { membership: 'leave' });
      await setMember(alice, bob, { membership: 'invite' });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'invite', displayname: 'bob' });
    });

    it('refuses what is no membership, and joins for others', async () => {
      await setMember(alice, alice, {}, { expect: 'M_BAD_JSON' });
      await setMember(alice, alice, { membership: 5 }, { expect: 'M_BAD_JSON' });
      await setMember(alice, alice, { membership: 'elsewhere' }, { expect: 'M_BAD_JSON' });
      await setMember(alice, 'bob', { membership: 'invite' }, { expect: 'M_INVALID_PARAM' });
      await setMember(alice, bob, { membership: 'join' }, { expect: 'M_FORBIDDEN' });
      await setMember(alice, alice, { membership: 'join', displayname: 'x'.repeat(257) }, { expect: 'M_BAD_JSON' });
      await setMember(bob, bob, { membership: 'invite' }, { expect: 'M_FORBIDDEN' });
      await setMember(alice, '@somebody:elsewhere.example', { membership: 'invite' }, { expect: 502 });
    });

    it('does not let clients say in whose name they join', async () => {
      await setMember(bob, bob, { membership: 'join', join_authorised_via_users_server: alice.userId, more: 1 });
      expect(await memberContent(alice, bob)).toEqual({ membership: 'join', displayname: 'bob', more: 1 });
      await carol.call('joinRoom', {
        params: { roomIdOrAlias: roomId },
        body: { join_authorised_via_users_server: alice.userId, membership: 'ban', more: 2 },
      });
      expect(await memberContent(alice, carol)).toEqual({ membership: 'join', displayname: 'carol', more: 2 });
    });
  });

  it('invites are for administrators where that is configured', async () => {
    const own = await start({ config: { block_non_admin_invites: true, allow_per_room_profiles: false } });
    const user = await own.registerUser('user');
    const admin = await own.registerAdmin('admin');
    const room = await user.createRoom();
    await user.call(
      'inviteUser',
      { params: { roomId: room }, body: { user_id: admin.userId } },
      { expect: 'M_FORBIDDEN' },
    );
    await user.call('createRoom', { body: { invite: [admin.userId] } }, { expect: 'M_FORBIDDEN' });
    const theirs = await admin.createRoom({ invite: [user.userId!] });
    // Nor has anybody another name in a room there.
    await user.call('joinRoom', { params: { roomIdOrAlias: theirs }, body: { displayname: 'Somebody else' } });
    const { joined } = await admin.call('getJoinedMembersByRoom', { params: { roomId: theirs } });
    expect(joined[user.userId!].display_name).toBe('user');
  });
});
