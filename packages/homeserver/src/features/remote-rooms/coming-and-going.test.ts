import { describeFederations, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let first: TestServer;
  let second: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    [first, second] = (await start(2)) as [TestServer, TestServer];
    alice = await first.registerUser('alice');
    bob = await second.registerUser('bob');
  });

  const membership = async (client: TestClient, roomId: string, of: TestClient): Promise<string> => {
    const params = { roomId, eventType: 'm.room.member', stateKey: of.userId! };
    return (await client.call('getRoomStateWithKey', { params })).membership;
  };
  const hasLeft = (roomId: string) => (answer: Json) => answer.rooms?.leave?.[roomId] !== undefined;
  const withLeft = { filter: { room: { include_leave: true } } };
  const nobody = 'localhost:1';

  describe('an invite of a user of another server', () => {
    it.each(['1', '2', '3', '6', '9', '10', '11', '12'])('reaches them in a room of version %s', async (version) => {
      const name = `Invites ${version}`;
      const roomId = await alice.createRoom({ name, room_version: version, invite: [bob.userId!], is_direct: true });
      const state = await bob.waitForInvite(roomId);
      expect(state).toContainEqual(expect.objectContaining({ type: 'm.room.name', content: { name } }));
      expect(await membership(alice, roomId, bob)).toBe('invite');
      // Whoever invited is asked for the way in.
      await bob.joinRoom(roomId);
      await expect.poll(() => membership(alice, roomId, bob)).toBe('join');
      const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: '1' } });
      expect(chunk[0].unsigned).toMatchObject({
        prev_content: { membership: 'invite', is_direct: true },
        prev_sender: alice.userId,
      });
    });

    it('is signed by both servers', async () => {
      const roomId = await alice.createRoom();
      await alice.invite(roomId, bob.userId!);
      await bob.waitForInvite(roomId);
      await bob.joinRoom(roomId);
      const again = await second.registerUser('again');
      await alice.invite(roomId, again.userId!);
      // The second server is in the room: the invite is an event like others for it.
      await again.waitForInvite(roomId);
      await again.joinRoom(roomId);
      await expect.poll(() => membership(alice, roomId, again)).toBe('join');
    });

    it('is refused if they do not exist, want none, or their server is not there', async () => {
      const roomId = await alice.createRoom();
      const invite = (userId: string, expectation: object): Promise<Json> =>
        alice.call('inviteUser', { params: { roomId }, body: { user_id: userId } }, expectation);
      await invite(`@nobody:${second.serverName}`, { expect: 'M_NOT_FOUND' });
      await invite(`@bob:${nobody}`, { expect: 502 });
      const shy = await second.registerUser('shy');
      await shy.call('setAccountData', {
        params: { userId: shy.userId!, type: 'm.invite_permission_config' },
        body: { default_action: 'block' },
      });
      await invite(shy.userId!, { expect: 'M_INVITE_BLOCKED' });
      expect(await membership(alice, roomId, alice)).toBe('join');
      await alice.call(
        'getRoomStateWithKey',
        { params: { roomId, eventType: 'm.room.member', stateKey: shy.userId! } },
        { expect: 404 },
      );
    });

    it('is sent by those only who may invite', async () => {
      const roomId = await alice.createRoom({ power_level_content_override: { invite: 50 } });
      const helper = await first.registerUser('helper');
      await alice.invite(roomId, helper.userId!);
      await helper.joinRoom(roomId);
      const body = { user_id: bob.userId };
      await helper.call('inviteUser', { params: { roomId }, body }, { expect: 'M_FORBIDDEN' });
      const other = await alice.createRoom();
      await helper.call('inviteUser', { params: { roomId: other }, body }, { expect: 'M_FORBIDDEN' });
      await alice.call('ban', { params: { roomId }, body });
      await alice.call('inviteUser', { params: { roomId }, body }, { expect: 403 });
    });

    it('fails the making of a room, but all others are invited', async () => {
      const invite = [`@nobody:${second.serverName}`, bob.userId!];
      await alice.call('createRoom', { body: { invite, name: 'Half full' } }, { expect: 404 });
      await bob.syncUntil((answer) =>
        Object.values(answer.rooms?.invite ?? {}).some((room) =>
          (room as Json).invite_state.events.some((event: Json) => event.content.name === 'Half full'),
        ),
      );
    });

    it('is turned down', async () => {
      const roomId = await alice.createRoom();
      for (let time = 0; time < 2; time++) {
        await alice.invite(roomId, bob.userId!);
        await bob.waitForInvite(roomId);
        await bob.call('leaveRoom', { params: { roomId }, body: { reason: 'no time' } });
        expect(await membership(alice, roomId, bob)).toBe('leave');
        await bob.syncUntil(hasLeft(roomId), withLeft);
      }
    });

    it('is turned down even if nobody is left in the room', async () => {
      const roomId = await alice.createRoom({ invite: [bob.userId!] });
      await bob.waitForInvite(roomId);
      await alice.leaveRoom(roomId);
      await bob.leaveRoom(roomId);
      await bob.syncUntil(hasLeft(roomId), withLeft);
      await bob.call('forgetRoom', { params: { roomId }, body: {} });
    });

    it('is taken back', async () => {
      const roomId = await alice.createRoom({ invite: [bob.userId!] });
      await bob.waitForInvite(roomId);
      await alice.call('kick', { params: { roomId }, body: { user_id: bob.userId, reason: 'a mistake' } });
      await bob.syncUntil(hasLeft(roomId), withLeft);
      const request = { params: { roomIdOrAlias: roomId }, query: { via: [first.serverName] }, body: {} };
      await bob.call('joinRoom', request, { expect: 'M_FORBIDDEN' });
    });
  });

  it('an invite is turned down though its server is gone', async () => {
    const [gone, here] = (await start(2)) as [TestServer, TestServer];
    const anna = await gone.registerUser('anna');
    const ben = await here.registerUser('ben');
    const roomId = await anna.createRoom({ invite: [ben.userId!] });
    await ben.waitForInvite(roomId);
    await gone.stop();
    await ben.leaveRoom(roomId);
    await ben.syncUntil(hasLeft(roomId), withLeft);
    expect((await ben.sync()).rooms.invite?.[roomId]).toBeUndefined();
  });

  describe('a knock at a room of another server', () => {
    const knockable = (version: string, rule = 'knock'): Promise<string> =>
      alice.createRoom({
        name: 'Knock please',
        room_version: version,
        initial_state: [{ type: 'm.room.join_rules', content: { join_rule: rule } }],
      });
    const knock = (roomId: string, expectation = {}): Promise<Json> =>
      bob.call(
        'knockRoom',
        { params: { roomIdOrAlias: roomId }, query: { via: [first.serverName] }, body: { reason: 'let me in' } },
        expectation,
      );

    it.each([
      ['7', 'knock'],
      ['10', 'knock_restricted'],
      ['12', 'knock'],
    ])('of version %s with the rule %s is seen, and answered', async (version, rule) => {
      const roomId = await knockable(version, rule);
      expect(await knock(roomId)).toEqual({ room_id: roomId });
      expect(await membership(alice, roomId, bob)).toBe('knock');
      const answer = await bob.syncUntil((one) => one.rooms?.knock?.[roomId] !== undefined);
      expect(answer.rooms.knock[roomId].knock_state.events).toContainEqual(
        expect.objectContaining({ type: 'm.room.name', content: { name: 'Knock please' } }),
      );
      await alice.invite(roomId, bob.userId!);
      await bob.waitForInvite(roomId);
      await bob.joinRoom(roomId);
      await expect.poll(() => membership(alice, roomId, bob)).toBe('join');
    });

    it('is taken back', async () => {
      const roomId = await knockable('11');
      await knock(roomId);
      await bob.syncUntil((one) => one.rooms?.knock?.[roomId] !== undefined);
      await bob.leaveRoom(roomId);
      expect(await membership(alice, roomId, bob)).toBe('leave');
      await bob.syncUntil(hasLeft(roomId), withLeft);
    });

    it('is refused where nobody may knock, or nobody knows the room', async () => {
      await knock(await alice.createRoom(), { expect: 'M_FORBIDDEN' });
      await knock(`!nowhere:${first.serverName}`, { expect: 'M_NOT_FOUND' });
      await knock(await alice.createRoom({ room_version: '6' }), { expect: 'M_FORBIDDEN' });
    });
  });

  it('a room that was never entered is not left', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.call('leaveRoom', { params: { roomId }, body: {} }, { expect: 'M_NOT_FOUND' });
  });
});
