import { describeServers, timelineOf, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

const lazy = { room: { state: { lazy_load_members: true }, timeline: { limit: 10 } } };

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    carol = await server.registerUser('carol');
  });

  const joinedRoom = (answer: Json, roomId: string): Json => answer.rooms.join[roomId];
  const typesIn = (events: Json[]): string[] => events.map((event) => event.type);
  const membersIn = (events: Json[]): string[] =>
    events
      .filter((event) => event.type === 'm.room.member')
      .map((event) => event.state_key)
      .toSorted();
  const sharedRoom = async (options: object = {}): Promise<string> => {
    const roomId = await alice.createRoom({ preset: 'public_chat', ...options });
    await bob.joinRoom(roomId);
    return roomId;
  };

  describe('an initial sync', () => {
    it('tells state up to the timeline, and the timeline', async () => {
      const roomId = await sharedRoom({ name: 'Somewhere' });
      await bob.sendText(roomId, 'hello');
      const room = joinedRoom(await alice.sync({ filter: { room: { timeline: { limit: 2 } } } }), roomId);
      expect(typesIn(room.timeline.events)).toEqual(['m.room.member', 'm.room.message']);
      expect(room.timeline.limited).toBe(true);
      expect(membersIn(room.state.events)).toEqual([alice.userId]);
      expect(typesIn(room.state.events)).toContain('m.room.name');
      expect(room.summary['m.joined_member_count']).toBe(2);
    });

    it('pages on from where the timeline begins, without a gap and without an event twice', async () => {
      const roomId = await sharedRoom();
      const sent: string[] = [];
      for (let i = 0; i < 12; i++) sent.push(await alice.sendText(roomId, `message ${i}`));
      const { timeline } = joinedRoom(await bob.sync({ filter: { room: { timeline: { limit: 4 } } } }), roomId);
      const ids = timeline.events.map((event: Json) => event.event_id).toReversed();
      let from = timeline.prev_batch;
      while (from !== undefined) {
        const page: Json = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', from, limit: 3 } });
        ids.push(...page.chunk.map((event: Json) => event.event_id));
        from = page.end;
      }
      expect(ids.filter((id: string) => sent.includes(id))).toEqual(sent.toReversed());
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('says that nothing is missing when the whole room fits', async () => {
      const roomId = await alice.createRoom();
      const room = joinedRoom(await alice.sync({ filter: { room: { timeline: { limit: 50 } } } }), roomId);
      expect(room.timeline.limited).toBe(false);
      expect(room.timeline.events[0].type).toBe('m.room.create');
      expect(room.state.events).toEqual([]);
    });

    it('leaves rooms out that the user has left, unless the filter wants them', async () => {
      const roomId = await sharedRoom();
      await bob.leaveRoom(roomId);
      expect((await bob.sync()).rooms.leave[roomId]).toBeUndefined();
      const answer = await bob.sync({ filter: { room: { include_leave: true } } });
      expect(answer.rooms.leave[roomId].timeline.events.at(-1)).toMatchObject({
        type: 'm.room.member',
        content: { membership: 'leave' },
      });
    });
  });

  describe('an incremental sync', () => {
    it('tells what is new, once', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      const eventId = await alice.sendText(roomId, 'new');
      const first = await bob.sync({ since: bob.nextBatch });
      expect(timelineOf(first, roomId).map((event) => event.event_id)).toEqual([eventId]);
      expect(joinedRoom(first, roomId).timeline.limited).toBe(false);
      const second = await bob.sync({ since: bob.nextBatch });
      expect(second.rooms?.join?.[roomId]).toBeUndefined();
    });

    it('tells the same again to a client that asks again', async () => {
      const roomId = await sharedRoom();
      const { next_batch: since } = await bob.sync();
      await alice.sendText(roomId, 'one');
      const once = timelineOf(await bob.sync({ since, filter: lazy }), roomId);
      const again = await bob.sync({ since, filter: lazy });
      expect(timelineOf(again, roomId).map((event) => event.event_id)).toEqual(once.map((event) => event.event_id));
      expect(membersIn(joinedRoom(again, roomId).state.events)).toEqual([alice.userId]);
    });

    it('tells the state that changed in a gap', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      await alice.sendState(roomId, 'm.room.topic', { topic: 'in the gap' });
      for (let i = 0; i < 5; i++) await alice.sendText(roomId, `message ${i}`);
      const room = joinedRoom(
        await bob.sync({ since: bob.nextBatch, filter: { room: { timeline: { limit: 3 } } } }),
        roomId,
      );
      expect(room.timeline.limited).toBe(true);
      expect(room.timeline.events).toHaveLength(3);
      expect(typesIn(room.state.events)).toEqual(['m.room.topic']);
    });

    it('tells state that the filter keeps out of the timeline', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      await alice.sendState(roomId, 'm.room.topic', { topic: 'filtered' });
      await alice.sendText(roomId, 'message');
      const filter = { room: { timeline: { types: ['m.room.message'] } } };
      const room = joinedRoom(await bob.sync({ since: bob.nextBatch, filter }), roomId);
      expect(typesIn(room.timeline.events)).toEqual(['m.room.message']);
      expect(typesIn(room.state.events)).toContain('m.room.topic');
    });

    it('tells the state after the timeline if asked for it', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      await alice.sendState(roomId, 'm.room.topic', { topic: 'after' });
      const since = bob.nextBatch;
      const room = joinedRoom(await bob.sync({ since, use_state_after: true }), roomId);
      expect(room.state).toBeUndefined();
      expect(room.state_after.events).toMatchObject([{ type: 'm.room.topic', content: { topic: 'after' } }]);
      // As clients ask for it that know the proposal only.
      const unstable = 'org.matrix.msc4222';
      const path = `/_matrix/client/v3/sync?since=${since}&${unstable}.use_state_after=true`;
      const { body } = await bob.raw('GET', path, {}, { expect: 200 });
      expect(joinedRoom(body, roomId)[`${unstable}.state_after`].events).toHaveLength(1);
    });

    it('tells a room that was joined meanwhile as if for the first time', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Joined later' });
      await alice.sendText(roomId, 'before');
      await bob.sync();
      await bob.joinRoom(roomId);
      const room = joinedRoom(
        await bob.sync({ since: bob.nextBatch, filter: { room: { timeline: { limit: 2 } } } }),
        roomId,
      );
      expect(typesIn(room.timeline.events)).toEqual(['m.room.message', 'm.room.member']);
      expect(typesIn(room.state.events)).toContain('m.room.create');
    });

    it('tells what happened until the user left, and nothing after it', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      const last = await alice.sendText(roomId, 'the last one');
      await bob.leaveRoom(roomId);
      await alice.sendText(roomId, 'not for bob');
      const answer = await bob.sync({ since: bob.nextBatch });
      expect(answer.rooms.join?.[roomId]).toBeUndefined();
      const events = answer.rooms.leave[roomId].timeline.events;
      expect(events.map((event: Json) => event.event_id)).toContain(last);
      expect(JSON.stringify(events)).not.toContain('not for bob');
      expect((await bob.sync({ since: bob.nextBatch })).rooms?.leave?.[roomId]).toBeUndefined();
    });

    it('tells who was banned that they were', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      await alice.call('ban', { params: { roomId }, body: { user_id: bob.userId, reason: 'noise' } });
      const answer = await bob.sync({ since: bob.nextBatch });
      expect(answer.rooms.leave[roomId].timeline.events.at(-1).content).toMatchObject({
        membership: 'ban',
        reason: 'noise',
      });
    });

    it('tells state whole with full_state', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      const room = joinedRoom(await bob.sync({ since: bob.nextBatch, full_state: true }), roomId);
      expect(typesIn(room.state.events)).toContain('m.room.create');
      expect(membersIn(room.state.events)).toEqual([alice.userId, bob.userId]);
    });
  });

  describe('invites and knocks', () => {
    it('show the room in outlines', async () => {
      const roomId = await alice.createRoom({ preset: 'private_chat', name: 'Private' });
      await carol.sync();
      await alice.invite(roomId, carol.userId as string);
      const events = (await carol.sync({ since: carol.nextBatch })).rooms.invite[roomId].invite_state.events;
      expect(typesIn(events)).toEqual(
        expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.join_rules', 'm.room.member']),
      );
      expect(events.find((event: Json) => event.state_key === carol.userId).content.membership).toBe('invite');
      expect((await carol.sync({ since: carol.nextBatch })).rooms?.invite?.[roomId]).toBeUndefined();
      expect((await carol.sync()).rooms.invite[roomId]).toBeDefined();
      await carol.leaveRoom(roomId);
      const declined = await carol.sync({ since: carol.nextBatch });
      expect(declined.rooms.leave[roomId].timeline.events).toHaveLength(1);
    });

    it('show a knock to who knocked', async () => {
      const roomId = await alice.createRoom({
        preset: 'private_chat',
        name: 'Knock first',
        initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
      });
      await carol.sync();
      await carol.call('knockRoom', { params: { roomIdOrAlias: roomId }, body: {} });
      const { knock_state: outline } = (await carol.sync({ since: carol.nextBatch })).rooms.knock[roomId];
      expect(typesIn(outline.events)).toEqual(
        expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.member']),
      );
    });
  });

  describe('lazily loaded members', () => {
    it('are those who speak, and heroes, and each once', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Large' });
      for (const client of [bob, carol]) await client.joinRoom(roomId);
      const filter = { room: { state: { lazy_load_members: true }, timeline: { limit: 1 } } };
      await bob.sendText(roomId, 'I speak');
      const first = joinedRoom(await alice.sync({ filter }), roomId);
      expect(membersIn(first.state.events)).toEqual([alice.userId, bob.userId]);
      await bob.sendText(roomId, 'again');
      const second = joinedRoom(await alice.sync({ since: alice.nextBatch, filter }), roomId);
      expect(membersIn(second.state.events)).toEqual([]);
      await carol.sendText(roomId, 'me too');
      const third = joinedRoom(await alice.sync({ since: alice.nextBatch, filter }), roomId);
      expect(membersIn(third.state.events)).toEqual([carol.userId]);
    });

    it('come with heroes in a room without a name', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await bob.joinRoom(roomId);
      await alice.sendText(roomId, 'hello');
      const filter = { room: { state: { lazy_load_members: true }, timeline: { limit: 1 } } };
      const room = joinedRoom(await alice.sync({ filter }), roomId);
      expect(room.summary['m.heroes']).toEqual([bob.userId]);
      expect(membersIn(room.state.events)).toEqual([alice.userId, bob.userId]);
    });
  });

  it('leaves out the rooms that nobody is to be told of', async () => {
    const roomId = await sharedRoom();
    await alice.invite(roomId, carol.userId as string);
    expect((await carol.sync()).rooms.invite[roomId]).toBeDefined();
    const other = await start({ onDisk: true });
    const dora = await other.registerUser('dora');
    const hidden = await dora.createRoom();
    const shown = await dora.createRoom();
    expect(Object.keys((await dora.sync()).rooms.join).toSorted()).toEqual([hidden, shown].toSorted());
    await other.restart({ exclude_rooms_from_sync: [hidden, '!unknown:test'] });
    const again = dora.withToken(dora.accessToken!, dora.userId);
    expect(Object.keys((await again.sync()).rooms.join)).toEqual([shown]);
    await again.sendText(hidden, 'unheard');
    await again.sendText(shown, 'heard');
    expect(Object.keys((await again.sync({ since: again.nextBatch })).rooms.join)).toEqual([shown]);
  });

  describe('long polls', () => {
    it('wake when something happens', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      const waiting = bob.sync({ since: bob.nextBatch, timeout: 20_000 });
      const eventId = await alice.sendText(roomId, 'wake up');
      expect(timelineOf(await waiting, roomId).map((event) => event.event_id)).toEqual([eventId]);
    });

    it('end when their time is over, with nothing to tell', async () => {
      await carol.sync();
      const { next_batch: since } = await carol.sync({ since: carol.nextBatch });
      const answer = await carol.sync({ since, timeout: 30 });
      expect(answer.rooms?.join ?? {}).toEqual({});
    });

    it('wake for an invite', async () => {
      const roomId = await alice.createRoom({ preset: 'private_chat' });
      await bob.sync();
      const waiting = bob.sync({ since: bob.nextBatch, timeout: 20_000 });
      await alice.invite(roomId, bob.userId as string);
      expect((await waiting).rooms.invite[roomId]).toBeDefined();
    });
  });

  describe('bad requests', () => {
    it.each(['nonsense', 's', 's-1', 's1.5', 't1_2', 's99999999999999999999'])(
      'with the token %s are refused',
      async (since) => {
        await alice.call('sync', { query: { since } }, { expect: 'M_INVALID_PARAM' });
      },
    );

    it('with a filter that is none are refused', async () => {
      await alice.call('sync', { query: { filter: '{"room":7}' } }, { expect: 'M_BAD_JSON' });
      await alice.call('sync', { query: { filter: '{' } }, { expect: 'M_NOT_JSON' });
      await alice.call('sync', { query: { filter: '4711' } }, { expect: 'M_INVALID_PARAM' });
    });

    it('without a token, or with a wrong one, are refused', async () => {
      await server.client().call('sync', {}, { expect: 'M_MISSING_TOKEN' });
      await server.client().call('sync', { token: 'wrong' }, { expect: 'M_UNKNOWN_TOKEN' });
    });
  });
});
