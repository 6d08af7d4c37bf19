import {
  describeFederations,
  TestPeer,
  timelineOf,
  type Json,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PartialRoom } from './testing/partial-room.ts';

const lazily = JSON.stringify({ room: { state: { lazy_load_members: true } } });

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let bob: TestClient;
  let room: PartialRoom;
  let derek: string;
  beforeAll(async () => {
    [server] = (await start(1, { onDisk: true })) as [TestServer];
    peer = await TestPeer.start();
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());
  beforeEach(() => {
    room = new PartialRoom(peer);
    room.enter('derek');
    derek = room.userId('derek');
    peer.received.length = 0;
    peer.handler = (request) => room.handle(request);
  });

  const join = (client = bob, expectation = {}): Promise<Json> =>
    client.call(
      'joinRoom',
      { params: { roomIdOrAlias: room.roomId }, query: { via: [peer.serverName] }, body: {} },
      expectation,
    );
  const params = (more = {}): object => ({ params: { roomId: room.roomId, ...more } });
  const joinedMembers = async (client = bob): Promise<string[]> =>
    Object.keys((await client.call('getJoinedMembersByRoom', params() as never)).joined).sort();
  const joined = async (client: TestClient, options: object = {}): Promise<Json> =>
    (await client.sync(options)).rooms.join[room.roomId];
  const getEvent = (eventId: string, expectation = {}): Promise<Json> =>
    bob.call('getOneRoomEvent', params({ eventId }) as never, expectation);
  const all = (...others: string[]): string[] => [bob.userId as string, room.owner, derek, ...others].sort();

  describe('a room whose members are left out', () => {
    it('can be used at once by who loads members lazily, and by others when its members are known', async () => {
      const { next_batch: since } = await bob.sync();
      await join();
      expect((await joined(bob, { filter: lazily })).timeline.events.at(-1)).toMatchObject({ sender: bob.userId });
      expect(await joined(bob)).toBeUndefined();
      const said = await bob.sendText(room.roomId, 'can you hear me?');
      await expect.poll(() => peer.received.filter(({ body }) => body.includes('can you hear me?'))).toHaveLength(1);
      expect(await joined(bob, { since })).toBeUndefined();
      const waiting = bob.syncUntil((answer) => answer.rooms.join[room.roomId] !== undefined, { since });
      const asking = joinedMembers();
      room.release();
      expect(await asking).toEqual(all());
      const section = (await waiting).rooms.join[room.roomId];
      expect(section.summary).toMatchObject({ 'm.joined_member_count': 3 });
      const told = [...section.state.events, ...section.timeline.events];
      expect(
        told.filter((event: Json) => event.type === 'm.room.member').map((event: Json) => event.state_key),
      ).toEqual(expect.arrayContaining(all()));
      expect(section.timeline.events.at(-1).event_id).toBe(said);
    });

    it('tells as many members as there are, each once, and those that were asked for', async () => {
      const many = Array.from({ length: 600 }, (_, i) => `guest${i}`);
      for (const name of many) room.enter(name);
      await join();
      room.release();
      const stateKeys = async (query: object): Promise<string[]> => {
        const { chunk } = await bob.call('getMembersByRoom', { ...params(), query } as never);
        return chunk.map((event: Json) => event.state_key).sort();
      };
      expect(await stateKeys({ membership: 'join' })).toEqual(all(...many.map((name) => room.userId(name))));
      expect(await stateKeys({ not_membership: 'join' })).toEqual([]);
    });

    it('shows what its members say, with who they are', async () => {
      await join();
      const { next_batch: since } = await bob.sync({ filter: lazily });
      const said = room.put(derek, 'm.room.message', { body: 'I was here', msgtype: 'm.text' });
      expect(await room.send(server, said)).toEqual({ pdus: { [said.eventId]: {} } });
      const section = await joined(bob, { filter: lazily, since });
      expect(section.timeline.events.map((event: Json) => event.event_id)).toEqual([said.eventId]);
      expect(section.state.events.map((event: Json) => event.state_key)).toContain(derek);
      room.release();
      expect(await joinedMembers()).toEqual(all());
    });

    it('has nobody put out or asked in by its users who may not be known yet', async () => {
      room.add('m.room.power_levels', { users: { [room.owner]: 100, [bob.userId!]: 50 } }, '');
      await join();
      const kicked = bob.call('kick', { params: { roomId: room.roomId }, body: { user_id: derek } });
      const said = room.put(room.owner, 'm.room.message', { body: 'meanwhile', msgtype: 'm.text' });
      await room.send(server, said);
      const context = bob.call('getEventContext', params({ eventId: said.eventId }) as never);
      room.release();
      await kicked;
      expect(await joinedMembers()).toEqual([bob.userId, room.owner].sort());
      expect((await context).state.map((event: Json) => event.state_key)).toContain(derek);
    });

    it('is let into by nobody, and told of to nobody, before they are known', async () => {
      await join();
      const ask = (path: string): Promise<{ status: number }> =>
        peer.send(server.serverName, 'GET', `/_matrix/federation/v1/${path}`);
      const roomId = encodeURIComponent(room.roomId);
      const eve = encodeURIComponent(room.userId('eve'));
      expect((await ask(`make_join/${roomId}/${eve}?ver=11`)).status).toBe(404);
      const own = encodeURIComponent(room.events.at(-1)!.eventId);
      expect((await ask(`state_ids/${roomId}?event_id=${own}`)).status).toBe(403);
      room.release();
      expect(await joinedMembers()).toEqual(all());
      expect((await ask(`make_join/${roomId}/${eve}?ver=11`)).status).toBe(200);
      expect((await ask(`state_ids/${roomId}?event_id=${own}`)).status).toBe(200);
    });

    it('is entered by others of this server through one who knows its members', async () => {
      const betty = await server.registerUser(`betty${Math.random()}`);
      await join();
      await join(betty);
      expect(peer.received.filter(({ url }) => url.includes('/send_join/'))).toHaveLength(2);
      room.release();
      expect(await joinedMembers(betty)).toEqual(all(betty.userId!));
    });

    it('can be left and entered again meanwhile', async () => {
      await join();
      await bob.leaveRoom(room.roomId);
      await expect
        .poll(() => peer.received.filter(({ body }) => body.includes('"membership":"leave"')))
        .toHaveLength(1);
      const { pdus } = JSON.parse(peer.received.find(({ body }) => body.includes('"membership":"leave"'))!.body);
      const leave = pdus[0];
      room.state.delete(`m.room.member ${bob.userId}`);
      room.enter('eve');
      expect(leave.type).toBe('m.room.member');
      await join();
      room.release();
      expect(await joinedMembers()).toEqual(all(room.userId('eve')));
    });

    it('becomes whole after a restart', async () => {
      await join();
      await expect.poll(() => room.stateRequests).toBeGreaterThan(0);
      await server.restart();
      const again = await server.client().login('bob');
      room.release();
      expect(await joinedMembers(again)).toEqual(all());
      bob = again;
    });

    it('gets its members from another server if that one does not tell them', async () => {
      const other = await TestPeer.start();
      other.handler = (request) => room.handle(request);
      room.release();
      peer.handler = async (request) => {
        if (request.url.includes('/state')) return { body: {} };
        const answer = await room.handle(request);
        if (!request.url.includes('/send_join/')) return answer;
        return { body: { ...(answer!.body as Json), servers_in_room: [peer.serverName, other.serverName] } };
      };
      await join();
      expect(await joinedMembers()).toEqual(all());
      expect(other.received.some(({ url }) => url.includes('/state_ids/'))).toBe(true);
      await other.stop();
    });

    it('is not given a state that would have kept us out', async () => {
      const other = await TestPeer.start();
      other.handler = (request) => room.handle(request);
      room.release();
      const rules = room.state.get('m.room.join_rules ')!.eventId;
      peer.handler = async (request) => {
        const answer = await room.handle(request);
        const body = answer?.body as Json;
        if (request.url.includes('/state_ids/'))
          return { body: { ...body, pdu_ids: body.pdu_ids.filter((id: string) => id !== rules) } };
        if (!request.url.includes('/send_join/')) return answer;
        return { body: { ...body, servers_in_room: [peer.serverName, other.serverName] } };
      };
      await join();
      expect(await joinedMembers()).toEqual(all());
      const state = params({ eventType: 'm.room.join_rules', stateKey: '' }) as never;
      expect(await bob.call('getRoomStateWithKey', state)).toEqual({ join_rule: 'public' });
      expect(other.received.some(({ url }) => url.includes('/state_ids/'))).toBe(true);
      await other.stop();
    });

    it('whose servers are not named is not entered', async () => {
      peer.handler = async (request) => {
        const answer = await room.handle(request);
        if (!request.url.includes('/send_join/')) return answer;
        return { body: { ...(answer!.body as Json), servers_in_room: [] } };
      };
      await join(bob, { expect: 502 });
    });
  });

  describe('what cannot be judged yet is judged again:', () => {
    const gone = { membership: 'leave' };

    it('who was not in the room any more said nothing', async () => {
      const before = room.state.get(`m.room.member ${derek}`)!;
      room.add('m.room.power_levels', { users: { [room.owner]: 100, [derek]: 50 } }, '');
      room.put(derek, 'm.room.member', gone, derek);
      await join();
      const wrong = room.by(derek, 'm.room.topic', { topic: 'mine' }, '', [before]);
      room.events.push(wrong);
      const right = room.put(room.owner, 'm.room.message', { body: 'really', msgtype: 'm.text' });
      await room.send(server, wrong, right);
      const partly = await bob.sync({ filter: lazily });
      expect(timelineOf(partly, room.roomId).map((event) => event.event_id)).toContain(wrong.eventId);
      room.release();
      expect(await joinedMembers()).toEqual([bob.userId, room.owner].sort());
      await getEvent(wrong.eventId, { expect: 404 });
      await getEvent(right.eventId);
      await bob.call('getRoomStateWithKey', params({ eventType: 'm.room.topic', stateKey: '' }) as never, {
        expect: 404,
      });
      // Who was shown it is told that the state is another.
      const since = partly.next_batch;
      expect(await joined(bob, { filter: lazily, since })).toBeDefined();
    });

    it('who was thrown out by somebody who could not was in the room all the time', async () => {
      const elsie = room.userId('elsie');
      const before = room.state.get(`m.room.member ${derek}`)!;
      room.add('m.room.power_levels', { users: { [room.owner]: 100, [derek]: 100, [elsie]: 50 } }, '');
      room.put(derek, 'm.room.member', gone, derek);
      const there = room.enter('elsie');
      await join();
      const kick = room.by(derek, 'm.room.member', gone, elsie, [before, there]);
      room.events.push(kick);
      const topic = room.put(elsie, 'm.room.topic', { topic: 'still here' }, '');
      const right = room.put(room.owner, 'm.room.message', { body: 'really', msgtype: 'm.text' });
      await room.send(server, kick, topic, right);
      await getEvent(kick.eventId);
      await getEvent(topic.eventId, { expect: 404 });
      room.release();
      expect(await joinedMembers()).toEqual([bob.userId, elsie, room.owner].sort());
      await getEvent(kick.eventId, { expect: 404 });
      await getEvent(topic.eventId);
      const state = params({ eventType: 'm.room.topic', stateKey: '' }) as never;
      expect(await bob.call('getRoomStateWithKey', state)).toEqual({ topic: 'still here' });
    });
  });
});
