import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  beforeAll(async () => {
    server = await start({ config: { allow_guest_access: true } });
    [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => server.registerUser(name)))) as [
      TestClient,
      TestClient,
      TestClient,
    ];
  });

  const join = (client: TestClient, roomId: string, body: object = {}, expectation = {}): Promise<Json> =>
    client.call('joinRoom', { params: { roomIdOrAlias: roomId }, body }, expectation);
  const knock = (client: TestClient, roomId: string, body: object = {}, expectation = {}): Promise<Json> =>
    client.call('knockRoom', { params: { roomIdOrAlias: roomId }, body }, expectation);
  const memberContent = (client: TestClient, roomId: string, of: TestClient): Promise<Json> =>
    client.call('getRoomStateWithKey', { params: { roomId, eventType: 'm.room.member', stateKey: of.userId! } });
  const withRule = (content: object, options: object = {}): Promise<string> =>
    alice.createRoom({ initial_state: [{ type: 'm.room.join_rules', content }], ...options });

  describe('public rooms', () => {
    it('let everybody in, by id or alias, with a reason and own content', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_alias_name: 'open' });
      expect(
        await join(bob, `#open:${server.serverName}`, { reason: 'curious', 'org.example.more': { a: 1 } }),
      ).toEqual({ room_id: roomId });
      expect(await memberContent(alice, roomId, bob)).toEqual({
        membership: 'join',
        displayname: 'bob',
        reason: 'curious',
        'org.example.more': { a: 1 },
      });
      await carol.call('joinRoomById', { params: { roomId }, body: { reason: 'me too' } });
      expect(await memberContent(alice, roomId, carol)).toMatchObject({ membership: 'join', reason: 'me too' });
    });

    it('are joined once', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await join(bob, roomId);
      const before = await memberEvent(roomId, bob);
      await join(bob, roomId);
      expect(await memberEvent(roomId, bob)).toBe(before);
    });

    it('must be known', async () => {
      await join(bob, '!nowhere:test', {}, { expect: 'M_NOT_FOUND' });
      await join(bob, `#nowhere:${server.serverName}`, {}, { expect: 'M_NOT_FOUND' });
      await join(bob, 'nonsense', {}, { expect: 'M_INVALID_PARAM' });
      await knock(bob, '!nowhere:test', {}, { expect: 'M_NOT_FOUND' });
      await knock(bob, `#nowhere:${server.serverName}`, {}, { expect: 'M_NOT_FOUND' });
    });

    const memberEvent = async (roomId: string, of: TestClient): Promise<string> =>
      (
        await alice.call('getRoomStateWithKey', {
          params: { roomId, eventType: 'm.room.member', stateKey: of.userId! },
          query: { format: 'event' },
        })
      ).event_id;
  });

  describe('knocking', () => {
    it('asks, and is answered by an invite', async () => {
      const roomId = await withRule({ join_rule: 'knock' }, { name: 'Behind a door' });
      await join(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
      expect(await knock(bob, roomId, { reason: 'please' })).toEqual({ room_id: roomId });
      expect(await memberContent(alice, roomId, bob)).toEqual({
        membership: 'knock',
        displayname: 'bob',
        reason: 'please',
      });
      const { rooms } = await bob.sync();
      expect(rooms.knock[roomId].knock_state.events.map((event: Json) => event.type)).toContain('m.room.name');
      await join(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
      await knock(bob, roomId, {}, { expect: 200 });
      await alice.invite(roomId, bob.userId!);
      await knock(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
      await join(bob, roomId);
      await knock(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
    });

    it('can be taken back or turned down', async () => {
      const roomId = await withRule({ join_rule: 'knock' });
      await knock(bob, roomId);
      await bob.leaveRoom(roomId);
      expect(await memberContent(alice, roomId, bob)).toEqual({ membership: 'leave' });
      await knock(bob, roomId);
      await alice.call('kick', { params: { roomId }, body: { user_id: bob.userId, reason: 'no' } });
      expect(await memberContent(alice, roomId, bob)).toEqual({ membership: 'leave', reason: 'no' });
      await alice.call('ban', { params: { roomId }, body: { user_id: bob.userId } });
      await knock(bob, roomId, {}, { expect: 403 });
    });

    it('needs a door', async () => {
      await knock(bob, await alice.createRoom({ preset: 'public_chat' }), {}, { expect: 'M_FORBIDDEN' });
      await knock(bob, await alice.createRoom(), {}, { expect: 'M_FORBIDDEN' });
      await knock(bob, await withRule({ join_rule: 'knock' }, { room_version: '6' }), {}, { expect: 'M_FORBIDDEN' });
    });
  });

  describe.each(['restricted', 'knock_restricted'])('%s rooms', (rule) => {
    it('let in who is in one of the rooms that they name', async () => {
      const space = await alice.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' } });
      const allow = [
        { type: 'm.room_membership', room_id: '!nowhere:test' },
        { type: 'org.example.other' },
        { type: 'm.room_membership', room_id: space },
      ];
      const roomId = await withRule({ join_rule: rule, allow });
      await join(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
      await join(bob, space);
      await join(bob, roomId, { reason: 'from the space' });
      expect(await memberContent(alice, roomId, bob)).toMatchObject({
        membership: 'join',
        reason: 'from the space',
        join_authorised_via_users_server: alice.userId,
      });
      // What comes later needs nobody's word again.
      await join(bob, roomId, { reason: 'still here' });
      expect(await memberContent(alice, roomId, bob)).toEqual({
        membership: 'join',
        displayname: 'bob',
        reason: 'still here',
      });
      await bob.leaveRoom(space);
      await bob.sendText(roomId, 'still in');
      await bob.leaveRoom(roomId);
      await join(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
      await alice.invite(roomId, bob.userId!);
      await join(bob, roomId);
    });

    it('need somebody who may let others in', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      await join(bob, space);
      const roomId = await withRule({ join_rule: rule, allow: [{ type: 'm.room_membership', room_id: space }] });
      await alice.leaveRoom(roomId);
      await join(bob, roomId, {}, { expect: 'M_FORBIDDEN' });
    });

    it('let anybody there let others in where all may invite, or who is named for it', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      await carol.joinRoom(space);
      const allow = [{ type: 'm.room_membership', room_id: space }];
      const options = { invite: [bob.userId!], room_version: '11' };
      const everybody = await withRule({ join_rule: rule, allow }, options);
      const moderators = await withRule(
        { join_rule: rule, allow },
        {
          ...options,
          power_level_content_override: {
            invite: 50,
            users: { [alice.userId!]: 100, [bob.userId!]: 50, '@x:else.example': 50 },
          },
        },
      );
      for (const roomId of [everybody, moderators]) {
        await bob.joinRoom(roomId);
        await alice.leaveRoom(roomId);
        await join(carol, roomId);
        const { join_authorised_via_users_server: authoriser } = await carol.call('getRoomStateWithKey', {
          params: { roomId, eventType: 'm.room.member', stateKey: carol.userId! },
        });
        expect(authoriser).toBe(bob.userId);
      }
    });

    it('are closed where their list is none', async () => {
      for (const allow of [undefined, 'nonsense', [], [5, null, {}], [{ type: 'm.room_membership' }]]) {
        await join(bob, await withRule({ join_rule: rule, allow }), {}, { expect: 'M_FORBIDDEN' });
      }
    });

    it(`are ${rule === 'restricted' ? 'not ' : ''}for knocking`, async () => {
      const roomId = await withRule({ join_rule: rule, allow: [] });
      await knock(bob, roomId, {}, { expect: rule === 'restricted' ? 'M_FORBIDDEN' : 200 });
    });
  });

  describe('guests', () => {
    it('join and leave rooms that let them in', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const guest = await server.client().registerGuest();
      await join(guest, roomId, {}, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
      await guest.call(
        'setRoomStateWithKey',
        { params: { roomId, eventType: 'm.room.member', stateKey: guest.userId! }, body: { membership: 'join' } },
        { expect: 'M_GUEST_ACCESS_FORBIDDEN' },
      );
      await alice.sendState(roomId, 'm.room.guest_access', { guest_access: 'can_join' });
      await join(guest, roomId);
      expect(await memberContent(alice, roomId, guest)).toMatchObject({ membership: 'join', kind: 'guest' });
      await guest.leaveRoom(roomId);
    });

    it('must go when they are no longer welcome', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await alice.sendState(roomId, 'm.room.guest_access', { guest_access: 'can_join' });
      const [guest, other] = [await server.client().registerGuest(), await server.client().registerGuest()];
      await join(guest, roomId);
      await join(other, roomId);
      await join(bob, roomId);
      await alice.sendState(roomId, 'm.room.guest_access', { guest_access: 'forbidden' });
      for (const one of [guest, other])
        expect(await memberContent(alice, roomId, one)).toEqual({ membership: 'leave', kind: 'guest' });
      const { joined } = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(Object.keys(joined).toSorted()).toEqual([alice.userId, bob.userId]);
      await join(guest, roomId, {}, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
      await bob.sendText(roomId, 'still here');
    });

    it('invite, knock and ban nobody', async () => {
      const roomId = await alice.createRoom({
        preset: 'public_chat',
        initial_state: [{ type: 'm.room.guest_access', content: { guest_access: 'can_join' } }],
      });
      const guest = await server.client().registerGuest();
      await join(guest, roomId);
      for (const action of ['inviteUser', 'kick', 'ban', 'unban']) {
        await guest.call(
          action,
          { params: { roomId }, body: { user_id: bob.userId } },
          { expect: 'M_GUEST_ACCESS_FORBIDDEN' },
        );
      }
      await knock(guest, roomId, {}, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
    });
  });

  describe('names and pictures', () => {
    it('change in every room, also where one room refuses', async () => {
      const dave = await server.registerUser('dave');
      const rooms = [
        await dave.createRoom(),
        await alice.createRoom({ preset: 'public_chat' }),
        await dave.createRoom(),
      ];
      await join(dave, rooms[1]!);
      // In this room nobody but its owner may say anything of themselves.
      await alice.sendState(
        rooms[1]!,
        'm.room.member',
        { ...(await memberContent(alice, rooms[1]!, dave)), membership: 'ban' },
        dave.userId,
      );
      const { next_batch: since } = await dave.sync();
      await dave.call('setProfileField', {
        params: { userId: dave.userId!, keyName: 'displayname' },
        body: { displayname: 'Dave II' },
      });
      for (const roomId of [rooms[0]!, rooms[2]!]) {
        await dave.waitForEvent(
          roomId,
          (event) => event.type === 'm.room.member' && event.content.displayname === 'Dave II',
          { since },
        );
      }
      expect(await memberContent(alice, rooms[1]!, dave)).toMatchObject({ membership: 'ban', displayname: 'dave' });
    });
  });

  it('has limits', async () => {
    const few = { per_second: 0.001, burst_count: 2 };
    const own = await start({
      config: {
        rc_joins: { local: few, remote: few },
        rc_invites: { per_user: few, per_room: { per_second: 1, burst_count: 100 }, per_issuer: few },
      },
    });
    const [host, user, other] = [
      await own.registerUser('host'),
      await own.registerUser('user'),
      await own.registerUser('other'),
    ];
    const rooms = [
      await host.createRoom({ preset: 'public_chat' }),
      await host.createRoom({ preset: 'public_chat' }),
      await host.createRoom({ preset: 'public_chat' }),
    ];
    await join(user, rooms[0]!);
    await join(user, rooms[1]!);
    const refused = await user.send(
      'joinRoom',
      { params: { roomIdOrAlias: rooms[2]! }, body: {} },
      { expect: 'M_LIMIT_EXCEEDED' },
    );
    expect(refused.body.retry_after_ms).toBeGreaterThan(0);
    expect(refused.headers.get('retry-after')).toBeTruthy();
    // Who is in can go on changing what they say of themselves.
    await join(user, rooms[0]!, { reason: 'again' });
    for (const roomId of [rooms[0]!, rooms[1]!]) await host.invite(roomId, other.userId!);
    await host.call(
      'inviteUser',
      { params: { roomId: rooms[2]! }, body: { user_id: other.userId } },
      { expect: 'M_LIMIT_EXCEEDED' },
    );
    await host.call(
      'setRoomStateWithKey',
      {
        params: { roomId: rooms[2]!, eventType: 'm.room.member', stateKey: other.userId! },
        body: { membership: 'invite' },
      },
      { expect: 'M_LIMIT_EXCEEDED' },
    );
  });
});
