import {
  describeFederations,
  PeerRooms,
  TestPeer,
  timelineOf,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let bob: string;
  let roomId: string;
  let room: PeerRoom;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    bob = there.userId('bob');
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());
  beforeEach(async () => {
    roomId = await alice.createRoom({
      preset: 'public_chat',
      power_level_content_override: { users: { [bob]: 50 } },
    });
    room = await PeerRoom.enter(there, roomId, bob);
  });
  const message = (body: string, sender = bob) => ({
    type: 'm.room.message',
    sender,
    content: { msgtype: 'm.text', body },
  });
  const topic = (text: string) => ({ type: 'm.room.topic', sender: bob, stateKey: '', content: { topic: text } });

  describe('a transaction', () => {
    it('brings events, which clients are shown', async () => {
      const said = room.next(message('hello'));
      expect(await room.send(said)).toEqual({ [said.eventId]: {} });
      const seen = await alice.waitForEvent(roomId, (event) => event.event_id === said.eventId);
      expect(seen.content).toEqual({ msgtype: 'm.text', body: 'hello' });
    });

    it('stands or falls event by event', async () => {
      const good = room.next(message('good'));
      const unsigned = room.make(message('unsigned'));
      const bad = { event: { ...unsigned.event, signatures: {} } };
      const stranger = room.make(message('x', there.userId('stranger')));
      const last = room.next(message('last'));
      const results = await room.send(good, bad, { event: 7 }, { event: { room_id: 9 } }, stranger, last);
      expect(results).toEqual({
        [good.eventId]: {},
        [unsigned.eventId]: { error: expect.any(String) },
        [stranger.eventId]: {},
        [last.eventId]: {},
      });
      await alice.waitForEvent(roomId, (event) => event.event_id === last.eventId);
    });

    it('faults no event for what is missing before it', async () => {
      const untold = room.make(message('untold'));
      const said = room.make({ ...message('follows'), after: [untold] });
      expect(await room.send(said)).toEqual({ [said.eventId]: {} });
      await alice.call('getOneRoomEvent', { params: { roomId, eventId: said.eventId } }, { expect: 404 });
    });

    it('that comes again is answered as the first time', async () => {
      const said = room.next(message('once'));
      const first = await room.transact({ pdus: [said.event] }, 'again');
      expect(await room.transact({ pdus: [room.make(message('other')).event] }, 'again')).toEqual(first);
    });

    it('passes over rooms that nobody here knows', async () => {
      const said = room.make(message('x'));
      expect(await room.send({ event: { ...said.event, room_id: '!unknown:here' } })).toEqual({});
    });

    it('is refused with more than 50 events or 100 EDUs', async () => {
      const { event } = room.make(message('x'));
      await there.put('/v1/send/many', { pdus: Array.from({ length: 51 }, () => event) }, { expect: 400 });
      await there.put('/v1/send/more', { pdus: [], edus: Array.from({ length: 101 }, () => ({})) }, { expect: 400 });
    });

    it('may hold EDUs of every kind of nonsense', async () => {
      const said = room.next(message('beside nonsense'));
      const edus = [
        null,
        7,
        {},
        { edu_type: 'm.typing' },
        { edu_type: 'm.typing', content: { room_id: 5 } },
        { edu_type: '__proto__', content: {} },
      ];
      const { pdus } = await room.transact({ pdus: [said.event], edus });
      expect(pdus).toEqual({ [said.eventId]: {} });
    });

    it('of a server that the room shuts out brings nothing', async () => {
      await alice.sendState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['127.0.0.1'] });
      const said = room.make(message('x'));
      expect(await room.send(said)).toEqual({ [said.eventId]: { error: expect.any(String) } });
    });

    it('brings nothing once the last user here has left', async () => {
      await alice.call('leaveRoom', { params: { roomId }, body: {} });
      const said = room.make(message('x'));
      expect(await room.send(said)).toEqual({ [said.eventId]: { error: expect.any(String) } });
    });
  });

  describe('clients in a forked room', () => {
    it('are told in their next sync what state the fork resolves to', async () => {
      const { next_batch: since } = await alice.sync();
      const left = room.make(topic('left'));
      const right = room.make(topic('right'));
      const end = room.make({ ...message('end'), after: [left, right] });
      await room.send(left, right, end);
      await alice.waitForEvent(roomId, (event) => event.event_id === end.eventId);
      const now = await alice.call('getRoomStateWithKey', {
        params: { roomId, eventType: 'm.room.topic', stateKey: '' },
      });
      const query = { since, timeout: 0, use_state_after: true };
      const section = (await alice.call('sync', { query })).rooms.join[roomId];
      const told = section.state_after.events.filter((event: { type: string }) => event.type === 'm.room.topic');
      expect(told.map((event: { content: unknown }) => event.content)).toEqual([now]);
      expect(['left', 'right']).toContain(now.topic);
    });

    it('are told of members whom a resolution puts out', async () => {
      const { next_batch: since } = await alice.sync();
      const carol = there.userId('carol');
      const joins = room.make({
        type: 'm.room.member',
        sender: carol,
        stateKey: carol,
        content: { membership: 'join' },
      });
      await room.send(joins);
      await alice.waitForEvent(roomId, (event) => event.event_id === joins.eventId);
      const banned = room.make({ type: 'm.room.member', sender: bob, stateKey: carol, content: { membership: 'ban' } });
      await room.send(banned);
      const members = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(Object.keys(members.joined)).not.toContain(carol);
      const section = (await alice.call('sync', { query: { since, timeout: 0, use_state_after: true } })).rooms.join[
        roomId
      ];
      const told = section.state_after.events.filter((event: { state_key: string }) => event.state_key === carol);
      expect(told.map((event: { content: { membership: string } }) => event.content.membership)).toEqual(['ban']);
    });

    it('never see what is refused, at its place or now', async () => {
      const before = room.newest;
      const rejected = room.make({
        type: 'm.room.power_levels',
        sender: bob,
        stateKey: '',
        content: { users: { [bob]: 100 } },
      });
      await alice.call('ban', { params: { roomId }, body: { user_id: bob } });
      const late = room.make({ ...message('late'), after: [before] });
      const results = await room.send(rejected, late);
      expect(results).toEqual({ [rejected.eventId]: {}, [late.eventId]: {} });
      const hidden = [rejected.eventId, late.eventId];
      const synced = await alice.sync();
      expect(timelineOf(synced, roomId).map((event) => event.event_id)).not.toEqual(expect.arrayContaining(hidden));
      const page = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } });
      for (const id of hidden) {
        expect(page.chunk.map((event: { event_id: string }) => event.event_id)).not.toContain(id);
        await alice.call('getOneRoomEvent', { params: { roomId, eventId: id } }, { expect: 404 });
      }
      const said = await alice.sendText(roomId, 'still here');
      const own = await alice.call('getOneRoomEvent', { params: { roomId, eventId: said } });
      expect(own.content.body).toBe('still here');
    });
  });

  it('other servers are given what was refused where something follows it, so that they can judge that too', async () => {
    const taken = { users: { [bob]: 100 } };
    const refused = room.make({ type: 'm.room.power_levels', sender: bob, stateKey: '', content: taken });
    const follower = room.make({ ...message('after it'), after: [refused] });
    await room.send(refused, follower);
    const path = (what: string): string => `/v1/${what}/${encodeURIComponent(roomId)}`;
    const missing = { earliest_events: [room.join.eventId], latest_events: [follower.eventId] };
    const { events } = (await there.request('POST', path('get_missing_events'), missing)).body;
    expect(events.map((event: { content: unknown }) => event.content)).toEqual([taken]);
    const { pdus } = await there.get(`${path('backfill')}?v=${encodeURIComponent(follower.eventId)}&limit=2`);
    expect(pdus.map((event: { type: string }) => event.type)).toEqual(['m.room.message', 'm.room.power_levels']);
  });

  it('a room of many ends is folded by an event that nobody is shown', async () => {
    const ends = Array.from({ length: 12 }, (_, i) => room.make(message(`${i}`)));
    await room.send(...ends);
    await alice.sendText(roomId, 'after');
    const page = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } });
    const types = page.chunk.map((event: { type: string }) => event.type);
    expect(types).not.toContain('org.matrix.dummy_event');
    expect(types.filter((type: string) => type === 'm.room.message')).toHaveLength(13);
    const { prev_events: named } = (await there.template('join', roomId, there.userId('late'))).event as {
      prev_events: string[];
    };
    expect(named).toHaveLength(1);
  });

  it('a transaction that comes again after a restart is not carried out again', async () => {
    const [restarted] = (await start(1, { onDisk: true })) as [TestServer];
    const carol = await restarted.registerUser('carol');
    const rooms = new PeerRooms(peer, restarted);
    const send = (n: number): Promise<unknown> =>
      rooms.put('/v1/send/repeated', {
        origin: peer.serverName,
        origin_server_ts: 1,
        pdus: [],
        edus: [
          {
            edu_type: 'm.direct_to_device',
            content: {
              sender: rooms.userId('bob'),
              type: 'org.example',
              message_id: `${n}`,
              messages: { [carol.userId!]: { '*': { n } } },
            },
          },
        ],
      });
    await send(1);
    await restarted.restart();
    await send(2);
    const { to_device: told } = await carol.sync();
    expect(told.events.map((event: { content: unknown }) => event.content)).toEqual([{ n: 1 }]);
  });
});
