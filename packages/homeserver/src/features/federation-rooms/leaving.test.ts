import { describeFederations, PeerRooms, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

function typesOf(events: Json[]): string[] {
  return events.map((event) => event.type).toSorted();
}

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let users = 0;
  const someone = (): string => there.userId(`user${++users}`);

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());

  describe('a leave', () => {
    it.each(['v1', 'v2'] as const)('by the endpoint %s', async (endpoint) => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const bob = someone();
      await there.join(roomId, bob);
      const { event, room_version: version } = await there.template('leave', roomId, bob);
      const answer = await there.handIn('leave', roomId, there.sign(event, version), {}, { version: endpoint });
      expect(answer).toEqual(endpoint === 'v1' ? [200, {}] : {});
      const members = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(Object.keys(members.joined)).toEqual([alice.userId]);
    });

    it('has no template for who is not in the room, nor for users of others', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const path = (userId: string): string =>
        `/v1/make_leave/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}`;
      await there.get(path(someone()), { expect: 'M_FORBIDDEN' });
      await there.get(path(alice.userId as string), { expect: 'M_FORBIDDEN' });
    });

    it('cannot be a kick', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const bob = someone();
      await there.join(roomId, bob);
      const { event, room_version: version } = await there.template('leave', roomId, bob);
      const kick = there.sign({ ...event, state_key: alice.userId as string }, version);
      await there.handIn('leave', roomId, kick, { expect: 'M_INVALID_PARAM' });
    });
  });

  describe('a knock', () => {
    const knockable = (version: string): Promise<string> =>
      alice.createRoom({
        preset: 'private_chat',
        room_version: version,
        name: 'Door',
        initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
      });

    it.each(['7', '11', '12'])('in a room of version %s: the answer tells of the room', async (version) => {
      const roomId = await knockable(version);
      const bob = someone();
      const { event } = await there.template('knock', roomId, bob);
      const answer = await there.handIn('knock', roomId, there.sign(event, version));
      expect(typesOf(answer.knock_room_state)).toEqual(
        expect.arrayContaining(['m.room.create', 'm.room.join_rules', 'm.room.name']),
      );
      for (const told of answer.knock_room_state) expect(told.hashes).toBeDefined();
      const seen = await alice.waitForEvent(roomId, (one) => one.state_key === bob);
      expect(seen.content.membership).toBe('knock');
    });

    it('is refused where the rules or the version do not know it', async () => {
      const closed = await alice.createRoom({ preset: 'private_chat', room_version: '11' });
      const old = await alice.createRoom({ preset: 'public_chat', room_version: '6' });
      for (const roomId of [closed, old]) {
        const path = `/v1/make_knock/${encodeURIComponent(roomId)}/${encodeURIComponent(someone())}?ver=6&ver=11`;
        await there.get(path, { expect: 'M_FORBIDDEN' });
      }
      const path = `/v1/make_knock/${encodeURIComponent(closed)}/${encodeURIComponent(someone())}?ver=7`;
      await there.get(path, { expect: 'M_INCOMPATIBLE_ROOM_VERSION' });
    });

    it('cannot be a join', async () => {
      const roomId = await knockable('11');
      const { event } = await there.template('knock', roomId, someone());
      const join = there.sign({ ...event, content: { membership: 'join' } }, '11');
      await there.handIn('knock', roomId, join, { expect: 'M_INVALID_PARAM' });
    });
  });
});
