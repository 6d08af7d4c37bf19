import type { JsonObject } from '@myelin/protocol';
import {
  describeFederations,
  PeerRoom,
  PeerRooms,
  TestPeer,
  type Json,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const encoded = encodeURIComponent;

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let stranger: TestPeer;
  let there: PeerRooms;
  let elsewhere: PeerRooms;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
    stranger = await TestPeer.start();
    there = new PeerRooms(peer, server);
    elsewhere = new PeerRooms(stranger, server);
  });
  afterAll(() => Promise.all([peer.stop(), stranger.stop()]));

  let users = 0;
  const register = (): Promise<TestClient> => server.registerUser(`alice${++users}`);
  const pathOf = (room: PeerRoom, eventId: string, version = 'v2'): string =>
    `/${version}/invite/${encoded(room.roomId)}/${encoded(eventId)}`;

  async function invite(room: PeerRoom, target: string, changes: Json = {}, expectation: Json = {}): Promise<Json> {
    const { event, eventId } = room.member(target, 'invite');
    const body = { event, room_version: room.version, invite_room_state: room.state, ...changes };
    return there.put(pathOf(room, eventId), body, expectation);
  }

  it.each(['1', '6', '10', '11', '12'])('an invite to a room of version %s reaches the user', async (version) => {
    const alice = await register();
    const room = new PeerRoom(there, version);
    const { event } = await invite(room, alice.userId as string);
    expect(Object.keys(event.signatures).toSorted()).toEqual([server.serverName, peer.serverName].toSorted());
    const state = await alice.waitForInvite(room.roomId);
    expect(state.map((one) => one.type).toSorted()).toEqual(
      ['m.room.create', 'm.room.member', 'm.room.member', 'm.room.name'].toSorted(),
    );
    const own = state.find((one) => one.state_key === alice.userId);
    expect(own.sender).toBe(there.userId('bob'));
    const create = state.find((one) => one.type === 'm.room.create');
    if (version === '12') expect(create.origin_server_ts).toBeGreaterThan(0);
    else expect(Object.keys(create).toSorted()).toEqual(['content', 'sender', 'state_key', 'type']);
    const again = await alice.sync();
    expect(again.rooms.invite[room.roomId]).toBeDefined();
  });

  it('an invite by the first version of the endpoint', async () => {
    const alice = await register();
    const room = new PeerRoom(there, '2');
    const { event, eventId } = room.member(alice.userId as string, 'invite');
    const body = { ...event, unsigned: { invite_room_state: room.state } };
    const answer = await there.put(pathOf(room, eventId, 'v1'), body);
    expect(answer[0]).toBe(200);
    expect(answer[1].event.signatures[server.serverName]).toBeDefined();
    const state = await alice.waitForInvite(room.roomId);
    expect(state.map((one) => one.type)).toContain('m.room.name');
  });

  it('an invite wakes the long poll of the user', async () => {
    const alice = await register();
    await alice.sync();
    const room = new PeerRoom(there, '11');
    const waiting = alice.waitForInvite(room.roomId);
    await invite(room, alice.userId as string);
    expect((await waiting).length).toBeGreaterThan(0);
  });

  describe('is refused', () => {
    it('for users who are not there, or do not want it', async () => {
      const room = new PeerRoom(there, '11');
      await invite(room, `@nobody:${server.serverName}`, {}, { expect: 'M_NOT_FOUND' });
      await invite(room, elsewhere.userId('x'), {}, { expect: 'M_INVALID_PARAM' });
      const alice = await register();
      await alice.call('setAccountData', {
        params: { userId: alice.userId as string, type: 'm.invite_permission_config' },
        body: { default_action: 'block' },
      });
      await invite(room, alice.userId as string, {}, { expect: 'M_INVITE_BLOCKED' });
    });

    it('for room versions that this server does not know', async () => {
      const alice = await register();
      const refusal = await invite(
        new PeerRoom(there, '11'),
        alice.userId as string,
        { room_version: 'strange' },
        { expect: 'M_INCOMPATIBLE_ROOM_VERSION' },
      );
      expect(refusal.room_version).toBe('strange');
    });

    it('if it is anything else than an invite by a user of the other server', async () => {
      const alice = await register();
      const target = alice.userId as string;
      const room = new PeerRoom(there, '11');
      const other = new PeerRoom(there, '11');
      const bad = [
        room.member(target, 'join'),
        room.member(target, 'invite', { type: 'm.room.message' }),
        room.member(target, 'invite', { sender: elsewhere.userId('x') }),
        room.member(target, 'invite', { sender: target }),
        other.member(target, 'invite'),
        room.member(target, 'invite', { content: { membership: ['invite'] } }),
      ];
      for (const { event, eventId } of bad) {
        const body = { event, room_version: '11', invite_room_state: room.state };
        await there.put(pathOf(room, eventId), body, { expect: 'M_INVALID_PARAM' });
      }
      const { event, eventId } = room.member(target, 'invite');
      const body = { event, room_version: '11', invite_room_state: room.state };
      await there.put(pathOf(room, `$${'A'.repeat(43)}`), body, { expect: 'M_INVALID_PARAM' });
      const unsigned = { ...body, event: { ...event, signatures: {} } };
      await there.put(pathOf(room, eventId), unsigned, { expect: 'M_INVALID_PARAM' });
      const altered = { ...body, event: { ...event, depth: 3 } };
      await there.put(pathOf(room, eventId), altered, { expect: 'M_INVALID_PARAM' });
      await there.put(pathOf(room, eventId), { event }, { expect: 400 });
      const sync = await alice.sync();
      expect(sync.rooms?.invite ?? {}).toEqual({});
    });

    it('without the create event of a room whose id it makes', async () => {
      const alice = await register();
      const room = new PeerRoom(there, '12');
      for (const state of [[], room.state.slice(1), new PeerRoom(there, '12').state])
        await invite(room, alice.userId as string, { invite_room_state: state }, { expect: 'M_INVALID_PARAM' });
    });

    it('by servers on which nobody may invite users of others', async () => {
      const [closed] = (await start(1, { config: { block_non_admin_invites: true } })) as [TestServer];
      const alice = await closed.registerUser('alice');
      const peerThere = new PeerRooms(peer, closed);
      const room = new PeerRoom(peerThere, '11');
      const { event, eventId } = room.member(alice.userId as string, 'invite');
      const body = { event, room_version: '11', invite_room_state: room.state };
      await peerThere.put(pathOf(room, eventId), body, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('what is told of the room', () => {
    it('may be malformed: the invite comes all the same, without it', async () => {
      const alice = await register();
      const room = new PeerRoom(there, '11');
      const odd = [null, 5, 'text', [], {}, { type: 'm.room.name' }, { ...room.state[1], content: 'text' }];
      await invite(room, alice.userId as string, { invite_room_state: [...odd, ...room.state] });
      const state = await alice.waitForInvite(room.roomId);
      expect(state).toHaveLength(4);
      const other = new PeerRoom(there, '11');
      await invite(other, alice.userId as string, { invite_room_state: null });
      expect(await alice.waitForInvite(other.roomId)).toHaveLength(1);
    });

    it('has a bound: 10 MB are refused, what is less is cut', async () => {
      const alice = await register();
      const room = new PeerRoom(there, '11');
      const large = (count: number): JsonObject[] =>
        Array.from({ length: count }, (_none, i) => ({
          type: `t${i}`,
          state_key: '',
          sender: there.userId('bob'),
          content: { text: 'x'.repeat(10_000) },
        }));
      await invite(room, alice.userId as string, { invite_room_state: large(1_000) }, { expect: 'M_TOO_LARGE' });
      await invite(room, alice.userId as string, { invite_room_state: large(90) });
      const state = await alice.waitForInvite(room.roomId);
      expect(JSON.stringify(state).length).toBeLessThan(150_000);
    });
  });

  it('an invite with odd content spoils no sync', async () => {
    const alice = await register();
    const room = new PeerRoom(there, '11');
    const content = { membership: 'invite', displayname: [5], avatar_url: {}, is_direct: 'yes', reason: { a: null } };
    const { event, eventId } = room.member(alice.userId as string, 'invite', { content });
    await there.put(pathOf(room, eventId), { event, room_version: '11', invite_room_state: room.state });
    const good = new PeerRoom(there, '11');
    await invite(good, alice.userId as string);
    const sync = await alice.sync();
    expect(Object.keys(sync.rooms.invite).toSorted()).toEqual([room.roomId, good.roomId].toSorted());
  });

  it('a user gets no more invites than rc_invites allows', async () => {
    const limits = { rc_invites: { per_user: { per_second: 0.001, burst_count: 2 } } };
    const [limited] = (await start(1, { config: limits })) as [TestServer];
    const alice = await limited.registerUser('alice');
    const here = new PeerRooms(peer, limited);
    const send = async (expectation: Json): Promise<void> => {
      const room = new PeerRoom(here, '11');
      const { event, eventId } = room.member(alice.userId as string, 'invite');
      await here.put(pathOf(room, eventId), { event, room_version: '11' }, expectation);
    };
    await send({});
    await send({});
    await send({ expect: 'M_LIMIT_EXCEEDED' });
  });

  it('an invite to a room that this server is in is an event of that room', async () => {
    const alice = await register();
    const carol = await register();
    const options = { preset: 'public_chat', room_version: '11', power_level_content_override: { invite: 0 } } as const;
    const roomId = await alice.createRoom(options);
    const bob = there.userId('bob');
    await there.join(roomId, bob);
    const sign = async (target: string) => {
      const { event } = await there.template('leave', roomId, bob);
      return there.sign({ ...event, state_key: target, content: { membership: 'invite' } }, '11');
    };
    const { event, eventId } = await sign(carol.userId as string);
    const path = (id: string): string => `/v2/invite/${encoded(roomId)}/${encoded(id)}`;
    await there.put(path(eventId), { event, room_version: '11' });
    await carol.waitForInvite(roomId);
    await carol.joinRoom(roomId);
    const unwanted = await sign(alice.userId as string);
    const refusal = { expect: 'M_FORBIDDEN' } as const;
    await there.put(path(unwanted.eventId), { event: unwanted.event, room_version: '11' }, refusal);
  });

  it('an invite can be turned down here if nobody else helps, and is forgotten then', async () => {
    const alice = await register();
    const room = new PeerRoom(there, '11');
    await invite(room, alice.userId as string);
    await alice.waitForInvite(room.roomId);
    await alice.leaveRoom(room.roomId);
    const answer = await alice.syncUntil((one) => one.rooms?.leave?.[room.roomId] !== undefined);
    expect(answer.rooms.leave[room.roomId].timeline.events[0].content.membership).toBe('leave');
    expect((await alice.sync()).rooms?.invite ?? {}).toEqual({});
    await alice.call('forgetRoom', { params: { roomId: room.roomId }, body: {} });
  });

  describe('is taken back', () => {
    const send = (pdu: JsonObject, from = there): Promise<Json> =>
      from.put(`/v1/send/${Math.random()}`, {
        origin: from.peer.serverName,
        origin_server_ts: Date.now(),
        pdus: [pdu],
      });

    it('by who sent it', async () => {
      const alice = await register();
      const room = new PeerRoom(there, '11');
      const target = alice.userId as string;
      const { event, eventId } = room.member(target, 'invite');
      await there.put(pathOf(room, eventId), { event, room_version: '11', invite_room_state: room.state });
      await alice.waitForInvite(room.roomId);
      const kick = room.member(target, 'leave', { depth: 3 }, [eventId]);
      expect((await send(kick.event)).pdus[kick.eventId]).toEqual({});
      const answer = await alice.syncUntil((one) => one.rooms?.leave?.[room.roomId] !== undefined);
      expect(answer.rooms.leave[room.roomId].timeline.events[0].event_id).toBe(kick.eventId);
      expect((await alice.sync()).rooms?.invite ?? {}).toEqual({});
    });

    it('by nobody else, and not by what does not follow it', async () => {
      const alice = await register();
      const room = new PeerRoom(there, '11');
      const target = alice.userId as string;
      const { event, eventId } = room.member(target, 'invite');
      await there.put(pathOf(room, eventId), { event, room_version: '11', invite_room_state: room.state });
      await alice.waitForInvite(room.roomId);
      const bad = [
        room.member(target, 'leave', { depth: 3, sender: there.userId('other') }, [eventId]),
        room.member(target, 'leave', { depth: 3 }),
        room.member(target, 'join', { depth: 3 }, [eventId]),
      ];
      for (const each of bad) await send(each.event);
      const forged = room.member(target, 'leave', { depth: 3 }, [eventId]);
      await send({ ...forged.event, signatures: {} });
      expect((await alice.sync()).rooms.invite[room.roomId]).toBeDefined();
    });
  });
});
