import { roomVersions } from '@myelin/protocol';
import { describeFederations, timelineOf, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let first: TestServer;
  let second: TestServer;
  let third: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let betty: TestClient;
  let carol: TestClient;
  beforeAll(async () => {
    [first, second, third] = (await start(3)) as [TestServer, TestServer, TestServer];
    alice = await first.registerUser('alice');
    bob = await second.registerUser('bob');
    betty = await second.registerUser('betty');
    carol = await third.registerUser('carol');
  });

  const join = (
    client: TestClient,
    room: string,
    via: readonly TestServer[] | string[],
    expectation = {},
  ): Promise<Json> =>
    client.call(
      'joinRoom',
      {
        params: { roomIdOrAlias: room },
        query: { via: via.map((server) => (typeof server === 'string' ? server : server.serverName)) },
        body: {},
      },
      expectation,
    );
  const membersOf = async (client: TestClient, roomId: string): Promise<string[]> =>
    Object.keys((await client.call('getJoinedMembersByRoom', { params: { roomId } })).joined).sort();
  const all = (...clients: TestClient[]): string[] => clients.map((client) => client.userId as string).sort();
  /** Nothing listens there. */
  const dead = 'localhost:1';

  describe('a room of another server', () => {
    it.each(roomVersions.map((version) => version.id))('of version %s is joined', async (version) => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: version, name: 'Far away' });
      await join(bob, roomId, [first]);
      const { name } = await bob.call('getRoomStateWithKey', {
        params: { roomId, eventType: 'm.room.name', stateKey: '' },
      });
      expect(name).toBe('Far away');
      expect(await membersOf(bob, roomId)).toEqual(all(alice, bob));
      expect(await membersOf(alice, roomId)).toEqual(all(alice, bob));
      const sync = await bob.sync();
      expect(timelineOf(sync, roomId).at(-1)).toMatchObject({ type: 'm.room.member', sender: bob.userId });
    });

    it('is joined with the name and the picture of the user, and what they say', async () => {
      // The id of a room of this version says where it was made.
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
      await bob.call('joinRoomById', { params: { roomId }, body: { reason: 'curious' } });
      const params = { roomId, eventType: 'm.room.member', stateKey: bob.userId! };
      const content = await alice.call('getRoomStateWithKey', { params });
      expect(content).toEqual({ membership: 'join', displayname: 'bob', reason: 'curious' });
    });

    it('carries messages both ways', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await join(bob, roomId, [first]);
      await bob.sync();
      await alice.sync();
      const hello = await alice.sendText(roomId, 'hello');
      await bob.waitForEvent(roomId, hello);
      const answer = await bob.sendText(roomId, 'hello yourself');
      await alice.waitForEvent(roomId, answer);
    });

    it('is found by its alias', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_alias_name: 'far' });
      const alias = `#far:${first.serverName}`;
      expect(await bob.call('getRoomIdByAlias', { params: { roomAlias: alias } })).toEqual({
        room_id: roomId,
        servers: [first.serverName],
      });
      expect(await join(bob, alias, [])).toEqual({ room_id: roomId });
      const { servers } = await bob.call('getRoomIdByAlias', { params: { roomAlias: alias } });
      expect(servers.sort()).toEqual([first.serverName, second.serverName].sort());
      await carol.call('getRoomIdByAlias', { params: { roomAlias: `#none:${first.serverName}` } }, { expect: 404 });
      await carol.call('getRoomIdByAlias', { params: { roomAlias: `#none:${dead}` } }, { expect: 502 });
    });

    it('may be called by an alias of another server only if that leads to it', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_alias_name: 'called', room_version: '11' });
      const own = await bob.createRoom({ preset: 'public_chat' });
      const params = { roomId: own, eventType: 'm.room.canonical_alias', stateKey: '' };
      const body = { alias: `#called:${first.serverName}` };
      await bob.call('setRoomStateWithKey', { params, body }, { expect: 'M_BAD_ALIAS' });
      await join(bob, roomId, [first]);
      const levels = { users: { [alice.userId!]: 100, [bob.userId!]: 100 } };
      await alice.sendState(roomId, 'm.room.power_levels', levels);
      await bob.waitForEvent(
        roomId,
        (event) => event.type === 'm.room.power_levels' && event.content.users[bob.userId!],
      );
      await bob.call('setRoomStateWithKey', { params: { ...params, roomId }, body });
    });

    it('is joined by the first server that helps', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await join(carol, roomId, [dead, second.serverName, first.serverName]);
      expect(await membersOf(alice, roomId)).toEqual(all(alice, carol));
    });

    it('is joined by a server that is not where it was made', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '12' });
      await join(bob, roomId, [first]);
      await join(carol, roomId, [second]);
      expect(await membersOf(carol, roomId)).toEqual(all(alice, bob, carol));
      await alice.syncUntil((answer) =>
        timelineOf(answer, roomId).some((event) => event.type === 'm.room.member' && event.state_key === carol.userId),
      );
    });

    it('is not joined where nobody may, knows it, or answers', async () => {
      const closed = await alice.createRoom({ preset: 'private_chat', room_version: '11' });
      await join(bob, closed, [first], { expect: 'M_FORBIDDEN' });
      await join(bob, `!nowhere:${first.serverName}`, [first], { expect: 'M_NOT_FOUND' });
      await join(bob, `!nowhere:${dead}`, [], { expect: 502 });
      await join(bob, `!${'x'.repeat(43)}`, [], { expect: 'M_NOT_FOUND' });
      await join(bob, closed, ['not a server', second.serverName], { expect: 'M_FORBIDDEN' });
      expect((await bob.sync()).rooms.join[closed]).toBeUndefined();
    });

    it('is not joined by who is banned', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await alice.call('ban', { params: { roomId }, body: { user_id: bob.userId } });
      await join(bob, roomId, [first], { expect: 'M_FORBIDDEN' });
    });

    it('is joined once by many at the same time', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const answers = await Promise.all([bob, bob, betty, bob, betty].map((client) => join(client, roomId, [first])));
      expect(answers).toEqual(answers.map(() => ({ room_id: roomId })));
      expect(await membersOf(bob, roomId)).toEqual(all(alice, bob, betty));
      await alice.syncUntil(() => true);
      await expect.poll(() => membersOf(alice, roomId)).toEqual(all(alice, bob, betty));
    });

    it('is left, and entered again', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await join(bob, roomId, [first]);
      await bob.leaveRoom(roomId);
      await expect.poll(() => membersOf(alice, roomId)).toEqual(all(alice));
      await alice.sendState(roomId, 'm.room.name', { name: 'Changed meanwhile' });
      const unseen = await alice.sendText(roomId, 'nobody of the second server is here');
      await join(bob, roomId, [first]);
      const params = { roomId, eventType: 'm.room.name', stateKey: '' };
      expect(await bob.call('getRoomStateWithKey', { params })).toEqual({ name: 'Changed meanwhile' });
      const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: '20' } });
      expect(chunk.map((event: Json) => event.event_id)).toContain(unseen);
      await bob.sync();
      await bob.waitForEvent(roomId, await alice.sendText(roomId, 'welcome back'));
    });
  });

  describe('a restricted room', () => {
    const restrictedTo = (space: string, options: object = {}): Promise<string> =>
      alice.createRoom({
        initial_state: [
          {
            type: 'm.room.join_rules',
            content: { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: space }] },
          },
        ],
        ...options,
      });

    it.each(['8', '10', '11', '12'])('of version %s lets in who is in the space', async (version) => {
      const space = await alice.createRoom({ preset: 'public_chat', room_version: version });
      const roomId = await restrictedTo(space, { room_version: version });
      await join(bob, roomId, [first], { expect: 'M_FORBIDDEN' });
      await join(bob, space, [first]);
      await join(bob, roomId, [first]);
      const params = { roomId, eventType: 'm.room.member', stateKey: bob.userId! };
      const content = await bob.call('getRoomStateWithKey', { params });
      expect(content.join_authorised_via_users_server).toBe(alice.userId);
      expect(await membersOf(alice, roomId)).toEqual(all(alice, bob));
    });

    it('is joined by another server where nobody here may let others in', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      const roomId = await restrictedTo(space, { power_level_content_override: { invite: 100 } });
      for (const client of [bob, betty]) await join(client, space, [first]);
      await join(bob, roomId, [first]);
      // The second server is in the room by now, but bob can't invite.
      await join(betty, roomId, []);
      const params = { roomId, eventType: 'm.room.member', stateKey: betty.userId! };
      const content = await betty.call('getRoomStateWithKey', { params });
      expect(content.join_authorised_via_users_server).toBe(alice.userId);
      expect(await membersOf(alice, roomId)).toEqual(all(alice, bob, betty));
    });

    it('is joined by a server that can let in after one that can not', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      const roomId = await restrictedTo(space, { power_level_content_override: { invite: 100 } });
      for (const client of [bob, carol]) await join(client, space, [first]);
      await join(bob, roomId, [first]);
      await join(carol, roomId, [second, first]);
      await expect.poll(() => membersOf(alice, roomId)).toEqual(all(alice, bob, carol));
    });
  });
});
