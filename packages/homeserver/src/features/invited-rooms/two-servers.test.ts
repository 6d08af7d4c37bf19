import { describeFederations, PeerRooms, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let here: TestServer;
  let there: TestServer;
  let alice: TestClient;

  beforeAll(async () => {
    [here, there] = (await start(2)) as [TestServer, TestServer];
    alice = await here.registerUser('alice');
  });

  let users = 0;
  const register = (): Promise<TestClient> => there.registerUser(`bob${++users}`);
  const hasLeft = (roomId: string) => (answer: Json) => answer.rooms?.leave?.[roomId] !== undefined;
  const memberIs = (userId: string, membership: string) => (event: Json) =>
    event.type === 'm.room.member' && event.state_key === userId && event.content.membership === membership;

  describe('an invite of a user of another server', () => {
    it.each(['10', '12'])('comes with what is to know of a room of version %s, and leads into it', async (version) => {
      const bob = await register();
      const roomId = await alice.createRoom({
        preset: 'private_chat',
        name: 'Secret',
        room_version: version,
        invite: [bob.userId as string],
        is_direct: true,
      });
      const state = await bob.waitForInvite(roomId);
      const contentOf = (type: string): Json => state.find((event) => event.type === type)?.content;
      expect(contentOf('m.room.name')).toEqual({ name: 'Secret' });
      expect(contentOf('m.room.join_rules')).toEqual({ join_rule: 'invite' });
      const own = state.find((event) => event.state_key === bob.userId);
      expect(own).toMatchObject({ sender: alice.userId, content: { membership: 'invite', is_direct: true } });
      expect(state.find((event) => event.state_key === alice.userId)?.content.membership).toBe('join');
      await bob.joinRoom(roomId);
      await alice.waitForEvent(roomId, memberIs(bob.userId as string, 'join'));
      const answer = await bob.syncUntil((one) => one.rooms?.join?.[roomId] !== undefined);
      expect(answer.rooms?.invite?.[roomId]).toBeUndefined();
    });

    it('can be turned down, several times', async () => {
      const bob = await register();
      const roomId = await alice.createRoom({ preset: 'private_chat' });
      for (let i = 0; i < 2; i++) {
        await alice.invite(roomId, bob.userId as string);
        await bob.waitForInvite(roomId);
        await bob.leaveRoom(roomId);
        await bob.syncUntil(hasLeft(roomId));
        await alice.waitForEvent(roomId, memberIs(bob.userId as string, 'leave'));
      }
    });

    it('can be taken back by who sent it', async () => {
      const bob = await register();
      const roomId = await alice.createRoom({ preset: 'private_chat', invite: [bob.userId as string] });
      await bob.waitForInvite(roomId);
      await alice.call('kick', { params: { roomId }, body: { user_id: bob.userId, reason: 'no' } });
      const answer = await bob.syncUntil(hasLeft(roomId));
      const [event] = answer.rooms.leave[roomId].timeline.events;
      expect(event).toMatchObject({ sender: alice.userId, content: { membership: 'leave', reason: 'no' } });
      expect((await bob.sync()).rooms?.invite ?? {}).toEqual({});
    });

    it('is shown to them and to those who are in the room already', async () => {
      const bob = await register();
      const carol = await register();
      const roomId = await alice.createRoom({ preset: 'private_chat', invite: [bob.userId as string] });
      await bob.waitForInvite(roomId);
      await bob.joinRoom(roomId);
      await alice.waitForEvent(roomId, memberIs(bob.userId as string, 'join'));
      await alice.invite(roomId, carol.userId as string);
      const state = await carol.waitForInvite(roomId);
      expect(state.map((event) => event.type)).toContain('m.room.create');
      await bob.waitForEvent(roomId, memberIs(carol.userId as string, 'invite'));
      await carol.leaveRoom(roomId);
      await alice.waitForEvent(roomId, memberIs(carol.userId as string, 'leave'));
      await alice.invite(roomId, carol.userId as string);
      await carol.syncUntil((one) => one.rooms?.invite?.[roomId] !== undefined);
      await carol.joinRoom(roomId);
      await alice.waitForEvent(roomId, memberIs(carol.userId as string, 'join'));
    });

    it('comes again after the user was in the room and left it', async () => {
      const bob = await register();
      const roomId = await alice.createRoom({ preset: 'private_chat', name: 'Old', invite: [bob.userId as string] });
      await bob.waitForInvite(roomId);
      await bob.joinRoom(roomId);
      await bob.syncUntil((one) => one.rooms?.join?.[roomId] !== undefined);
      await bob.leaveRoom(roomId);
      await alice.waitForEvent(roomId, memberIs(bob.userId as string, 'leave'));
      await alice.sendState(roomId, 'm.room.name', { name: 'New' });
      await alice.invite(roomId, bob.userId as string);
      const state = await bob.waitForInvite(roomId);
      expect(state.find((event) => event.type === 'm.room.name')?.content).toEqual({ name: 'New' });
      await bob.joinRoom(roomId);
      const answer = await bob.syncUntil((one) => one.rooms?.join?.[roomId] !== undefined);
      const events = [
        ...answer.rooms.join[roomId].state.events,
        ...answer.rooms.join[roomId].timeline.events,
      ] as Json[];
      const names = events.filter((event) => event.type === 'm.room.name');
      expect(names.at(-1).content).toEqual({ name: 'New' });
    });
  });

  it('an invite and its end are told to the other servers in the room', async () => {
    const peer = await TestPeer.start();
    try {
      const told: string[] = [];
      const waiting = new Map<string, () => void>();
      const came = (what: string): Promise<void> =>
        told.includes(what) ? Promise.resolve() : new Promise((resolve) => waiting.set(what, resolve));
      const bob = await register();
      peer.handler = ({ url, body }) => {
        if (!url.startsWith('/_matrix/federation/v1/send/')) return undefined;
        for (const pdu of (JSON.parse(body) as Json).pdus ?? []) {
          if (pdu.state_key !== bob.userId) continue;
          told.push(pdu.content.membership);
          waiting.get(pdu.content.membership)?.();
        }
        return { body: { pdus: {} } };
      };
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const third = new PeerRooms(peer, here);
      await third.join(roomId, third.userId('carol'));
      await alice.invite(roomId, bob.userId as string);
      await came('invite');
      await bob.waitForInvite(roomId);
      await bob.leaveRoom(roomId);
      await came('leave');
      expect(told).toEqual(['invite', 'leave']);
    } finally {
      await peer.stop();
    }
  });

  it('a knock at a room of another server shows the room, and is answered by an invite', async () => {
    const bob = await register();
    const roomId = await alice.createRoom({
      preset: 'private_chat',
      name: 'Door',
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
    });
    await bob.call('knockRoom', { params: { roomIdOrAlias: roomId }, query: { via: [here.serverName] }, body: {} });
    const knocked = await bob.syncUntil((one) => one.rooms?.knock?.[roomId] !== undefined);
    const types = knocked.rooms.knock[roomId].knock_state.events.map((event: Json) => event.type);
    expect(types).toEqual(expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.member']));
    await alice.waitForEvent(roomId, memberIs(bob.userId as string, 'knock'));
    await alice.invite(roomId, bob.userId as string);
    await bob.waitForInvite(roomId);
    const answer = await bob.sync();
    expect(answer.rooms?.knock?.[roomId]).toBeUndefined();
    await bob.joinRoom(roomId);
    await alice.waitForEvent(roomId, memberIs(bob.userId as string, 'join'));
  });

  it('an invite by somebody on a list of the user is refused, or kept from them (MSC4155)', async () => {
    const flagged = { config: { experimental_features: { msc4155_enabled: true } } };
    const [one, other] = (await start(2, flagged)) as [TestServer, TestServer];
    const carol = await one.registerUser('carol');
    const [friend, bore, spammer] = await Promise.all(
      ['friend', 'bore', 'spammer'].map((name) => other.registerUser(name)),
    );
    const neighbour = await one.registerUser('neighbour');
    await carol.call('setAccountData', {
      params: { userId: carol.userId as string, type: 'org.matrix.msc4155.invite_permission_config' },
      body: {
        allowed_users: [friend!.userId],
        ignored_users: [bore!.userId],
        blocked_users: ['@neigh*'],
        blocked_servers: [other.serverName],
      },
    });
    const inviteBy = async (inviter: TestClient, expectation: Json = {}): Promise<string> => {
      const roomId = await inviter.createRoom();
      await inviter.call('inviteUser', { params: { roomId }, body: { user_id: carol.userId as string } }, expectation);
      return roomId;
    };
    await inviteBy(spammer!, { expect: 'M_INVITE_BLOCKED' });
    await inviteBy(neighbour, { expect: 'M_INVITE_BLOCKED' });
    await inviteBy(bore!);
    expect((await carol.sync()).rooms.invite).toBeUndefined();
    const roomId = await inviteBy(friend!);
    await carol.waitForInvite(roomId);
    expect(Object.keys((await carol.sync()).rooms.invite)).toEqual([roomId]);
  });
});
