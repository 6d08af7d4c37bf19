import { describeFederations, PeerRooms, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const versions = ['1', '3', '6', '10', '11', '12'];

function typesOf(events: Json[]): string[] {
  return events.map((event) => event.type).toSorted();
}

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let stranger: TestPeer;
  let there: PeerRooms;
  let elsewhere: PeerRooms;
  let alice: TestClient;
  let users = 0;
  const someone = (): string => there.userId(`user${++users}`);

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    stranger = await TestPeer.start();
    there = new PeerRooms(peer, server);
    elsewhere = new PeerRooms(stranger, server);
    alice = await server.registerUser('alice');
  });
  afterAll(() => Promise.all([peer.stop(), stranger.stop()]));

  describe('a join', () => {
    it.each(versions)('of a room of version %s', async (version) => {
      const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Room', room_version: version });
      const bob = someone();
      const answer = await there.join(roomId, bob);
      expect(answer.members_omitted).toBe(false);
      expect(typesOf(answer.state)).toContain('m.room.member');
      expect(typesOf(answer.auth_chain)).toContain('m.room.create');
      expect(answer.event.state_key).toBe(bob);
      const members = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(Object.keys(members.joined)).toContain(bob);
      const seen = await alice.waitForEvent(roomId, (event) => event.state_key === bob);
      expect(seen.sender).toBe(bob);
    });

    it('by the first version of the endpoint', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const { event, room_version: version } = await there.template('join', roomId, someone());
      const answer = await there.handIn('join', roomId, there.sign(event, version), {}, { version: 'v1' });
      expect(answer[0]).toBe(200);
      expect(typesOf(answer[1].state)).toContain('m.room.create');
    });

    it('without members, but for those by whom a room without a name is known', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const first = someone();
      await there.join(roomId, first);
      const answer = await there.join(roomId, someone(), '?omit_members=true');
      expect(answer.members_omitted).toBe(true);
      expect(answer.servers_in_room.toSorted()).toEqual([server.serverName, peer.serverName].toSorted());
      const members = answer.state.filter((event: Json) => event.type === 'm.room.member');
      expect(members.map((event: Json) => event.state_key).toSorted()).toEqual([alice.userId, first].toSorted());
      await alice.sendState(roomId, 'm.room.name', { name: 'Known' });
      const named = await there.join(roomId, someone(), '?omit_members=true');
      expect(typesOf(named.state)).not.toContain('m.room.member');
      const told = new Set([...named.state, ...named.auth_chain].map((event: Json) => JSON.stringify(event)));
      expect(told.size).toBe(named.state.length + named.auth_chain.length);
    });

    it('has no template for users of other servers', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      for (const userId of [alice.userId as string, elsewhere.userId('x'), 'nobody', '@x']) {
        const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}?ver=11&ver=12&ver=10`;
        await there.get(path, { expect: 'M_FORBIDDEN' });
      }
    });

    it('has no template for rooms that this server is not in', async () => {
      const path = (roomId: string): string =>
        `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(there.userId('a'))}?ver=11`;
      await there.get(path(`!nothing:${server.serverName}`), { expect: 'M_NOT_FOUND' });
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await alice.leaveRoom(roomId);
      await there.get(path(roomId), { expect: 'M_NOT_FOUND' });
    });

    it('has no template in room versions that the other server does not know', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
      const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(there.userId('a'))}`;
      for (const query of ['', '?ver=10&ver=9']) {
        const refusal = await there.get(path + query, { expect: 'M_INCOMPATIBLE_ROOM_VERSION' });
        expect(refusal.room_version).toBe('11');
      }
    });

    it('has no template for who is not let in', async () => {
      const roomId = await alice.createRoom({ preset: 'private_chat' });
      const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(someone())}?ver=10&ver=11&ver=12`;
      await there.get(path, { expect: 'M_FORBIDDEN' });
    });

    it('has no template for servers that are shut out', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await alice.sendState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['127.0.0.1'] });
      const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(someone())}?ver=10&ver=11&ver=12`;
      await there.get(path, { expect: 'M_FORBIDDEN' });
    });

    it('is refused if it is anything else than a join of the sender', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
      const other = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
      const bob = someone();
      const { event } = await there.template('join', roomId, bob);
      const bad: Json[] = [
        { ...event, type: 'm.room.message' },
        { ...event, type: 'm.room.name', state_key: '' },
        { ...event, state_key: undefined },
        { ...event, state_key: someone() },
        { ...event, content: { membership: 'leave' } },
        { ...event, content: {} },
        { ...event, content: null },
        { ...event, room_id: other },
        { ...event, sender: elsewhere.userId('x'), state_key: elsewhere.userId('x') },
        { ...event, depth: 2 ** 53 },
        { ...event, origin_server_ts: 'now' },
        { ...event, prev_events: 'none' },
      ];
      for (const each of bad) {
        let signed;
        try {
          signed = there.sign(JSON.parse(JSON.stringify(each)), '11');
        } catch {
          signed = { eventId: '$x', event: each };
        }
        const refusal = await there.handIn('join', roomId, signed, { expect: [400, 403] });
        expect(refusal.errcode).toMatch(/^M_(INVALID_PARAM|FORBIDDEN|BAD_JSON)$/);
      }
      // Of a user of a third server, who has signed it.
      const third = { sender: elsewhere.userId('x'), state_key: elsewhere.userId('x') };
      await there.handIn('join', roomId, elsewhere.sign({ ...event, ...third }, '11'), { expect: 'M_FORBIDDEN' });
      const members = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(Object.keys(members.joined)).toEqual([alice.userId]);
    });

    it('is refused under another id, with a bad signature, or unsigned', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
      const { event } = await there.template('join', roomId, someone());
      const signed = there.sign(event, '11');
      await there.handIn('join', roomId, { ...signed, eventId: `$${'A'.repeat(43)}` }, { expect: 'M_INVALID_PARAM' });
      const byOther = elsewhere.sign(event, '11');
      await there.handIn('join', roomId, byOther, { expect: 'M_INVALID_PARAM' });
      const unsigned = { eventId: signed.eventId, event: { ...signed.event, signatures: {} } };
      await there.handIn('join', roomId, unsigned, { expect: 'M_INVALID_PARAM' });
      await there.handIn('join', roomId, signed);
    });

    it('has to wait where too many join', async () => {
      const limits = { rc_joins_per_room: { per_second: 0.001, burst_count: 2 } };
      const [limited] = (await start(1, { config: limits })) as [TestServer];
      const owner = await limited.registerUser('owner');
      const roomId = await owner.createRoom({ preset: 'public_chat' });
      const here = new PeerRooms(peer, limited);
      await here.join(roomId, someone());
      await here.join(roomId, someone());
      const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(someone())}?ver=10&ver=11&ver=12`;
      await here.get(path, { expect: 'M_LIMIT_EXCEEDED' });
    });

    it('is refused if the user was banned after the template was made', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
      const bob = someone();
      const { event } = await there.template('join', roomId, bob);
      await alice.call('ban', { params: { roomId }, body: { user_id: bob } });
      await there.handIn('join', roomId, there.sign(event, '11'), { expect: 'M_FORBIDDEN' });
    });
  });

  describe('a join of a restricted room', () => {
    async function restricted(allowed: string[], options: object = {}): Promise<string> {
      return alice.createRoom({
        preset: 'private_chat',
        room_version: '10',
        initial_state: [
          {
            type: 'm.room.join_rules',
            state_key: '',
            content: {
              join_rule: 'restricted',
              allow: allowed.map((roomId) => ({ type: 'm.room_membership', room_id: roomId })),
            },
          },
        ],
        ...options,
      });
    }

    it('is authorised for those who are in an allowed room, and signed by this server', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      const roomId = await restricted([space]);
      const bob = someone();
      await there.join(space, bob);
      const { event } = await there.template('join', roomId, bob);
      expect((event['content'] as Json).join_authorised_via_users_server).toBe(alice.userId);
      const answer = await there.handIn('join', roomId, there.sign(event, '10'));
      expect(Object.keys(answer.event.signatures).toSorted()).toEqual([server.serverName, peer.serverName].toSorted());
    });

    it('is refused to others', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      const roomId = await restricted([space]);
      const path = (userId: string): string =>
        `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}?ver=10`;
      await there.get(path(someone()), { expect: 'M_FORBIDDEN' });
      const gone = someone();
      await there.join(space, gone);
      const { event } = await there.template('join', roomId, gone);
      const leave = await there.template('leave', space, gone);
      await there.handIn('leave', space, there.sign(leave.event, leave.room_version));
      await there.handIn('join', roomId, there.sign(event, '10'), { expect: 'M_FORBIDDEN' });
    });

    it('is not judged where this server is not in the allowed rooms', async () => {
      const roomId = await restricted([`!elsewhere:${stranger.serverName}`]);
      const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(someone())}?ver=10`;
      await there.get(path, { expect: 'M_UNABLE_TO_AUTHORISE_JOIN' });
    });

    it('is not granted where nobody here may let users in', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      const bob = someone();
      await there.join(space, bob);
      const roomId = await restricted([space], { power_level_content_override: { invite: 101 } });
      const path = `/v1/make_join/${encodeURIComponent(roomId)}/${encodeURIComponent(bob)}?ver=10`;
      await there.get(path, { expect: 'M_UNABLE_TO_GRANT_JOIN' });
    });

    it('is not authorised in the name of users of other servers', async () => {
      const space = await alice.createRoom({ preset: 'public_chat' });
      const roomId = await restricted([space]);
      const bob = someone();
      await there.join(space, bob);
      const { event } = await there.template('join', roomId, bob);
      const content = { ...(event['content'] as Json), join_authorised_via_users_server: elsewhere.userId('x') };
      await there.handIn('join', roomId, there.sign({ ...event, content }, '10'), { expect: 'M_INVALID_PARAM' });
    });
  });
});
