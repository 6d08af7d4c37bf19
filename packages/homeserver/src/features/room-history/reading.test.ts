import { describeServers, shiftableRuntime, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' });
  });

  const ids = (events: Json[]): string[] => events.map((event) => event.event_id);
  const page = (client: TestClient, filter: object, query: object = {}): Promise<Json> =>
    client.call('getRoomEvents', {
      params: { roomId },
      query: { dir: 'b', limit: 100, filter: JSON.stringify(filter), ...query },
    });
  const context = (
    client: TestClient,
    eventId: string,
    query: Record<string, string | number> = {},
    expectation = {},
  ): Promise<Json> => client.call('getEventContext', { params: { roomId, eventId }, query }, expectation);

  describe('filters', () => {
    it('find what others relate to', async () => {
      await bob.joinRoom(roomId);
      const [plain, root, liked] = [
        await alice.sendText(roomId, 'plain'),
        await alice.sendText(roomId, 'root'),
        await alice.sendText(roomId, 'liked'),
      ];
      const relatesTo = (relType: string, eventId: string): object => ({
        'm.relates_to': { rel_type: relType, event_id: eventId, key: 'x' },
      });
      const reply = await bob.sendEvent(roomId, 'm.room.message', {
        msgtype: 'm.text',
        body: 'reply',
        ...relatesTo('m.thread', root!),
      });
      await alice.sendEvent(roomId, 'm.reaction', relatesTo('m.annotation', liked!));
      expect(ids((await page(alice, { related_by_rel_types: ['m.thread'] })).chunk)).toEqual([root]);
      expect(ids((await page(alice, { related_by_rel_types: ['m.thread', 'm.annotation'] })).chunk)).toEqual([
        liked,
        root,
      ]);
      expect(ids((await page(alice, { related_by_senders: [alice.userId] })).chunk)).toEqual([liked]);
      expect(
        ids((await page(alice, { related_by_senders: [alice.userId], related_by_rel_types: ['m.thread'] })).chunk),
      ).toEqual([]);
      expect(
        ids((await page(alice, { related_by_senders: [bob.userId], related_by_rel_types: ['m.thread'] })).chunk),
      ).toEqual([root]);
      await bob.call('redactEvent', { params: { roomId, eventId: reply, txnId: 'r' }, body: {} });
      expect(ids((await page(alice, { related_by_rel_types: ['m.thread'] })).chunk)).toEqual([]);
      expect(ids((await page(alice, { types: ['m.room.message'] })).chunk)).toContain(plain);
    });

    it('choose by sender, type, room and url', async () => {
      await bob.joinRoom(roomId);
      const ofBob = await bob.sendText(roomId, 'by bob');
      const picture = await alice.sendEvent(roomId, 'm.room.message', {
        msgtype: 'm.image',
        body: 'x',
        url: 'mxc://test/x',
      });
      const chosen = async (filter: object): Promise<string[]> => ids((await page(alice, filter)).chunk);
      expect(await chosen({ senders: [bob.userId], types: ['m.room.mess*'] })).toEqual([ofBob]);
      expect(await chosen({ contains_url: true })).toEqual([picture]);
      expect(await chosen({ types: ['m.room.message'], contains_url: false })).toEqual([ofBob]);
      expect(await chosen({ not_rooms: [roomId] })).toEqual([]);
      expect(await chosen({ types: [] })).toEqual([]);
    });

    it("bring the senders' memberships along, as they were", async () => {
      await bob.joinRoom(roomId);
      await bob.sendText(roomId, 'by bob');
      const middle = (await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 1 } })).start;
      await bob.leaveRoom(roomId);
      await alice.sendText(roomId, 'by alice');
      const lazy = { lazy_load_members: true, types: ['m.room.message'] };
      const members = (answer: Json): string[] =>
        answer.state.map((event: Json) => `${event.state_key} ${event.content.membership}`).toSorted();
      expect(members(await page(alice, lazy, { from: middle }))).toEqual([`${bob.userId} join`]);
      expect(members(await page(alice, lazy))).toEqual([`${alice.userId} join`, `${bob.userId} leave`]);
      expect((await page(alice, {})).state).toEqual([]);
    });
  });

  describe('the context of an event', () => {
    it('is filtered, but for the event itself', async () => {
      const sent: string[] = [];
      for (let i = 0; i < 3; i++)
        sent.push(await alice.sendText(roomId, `${i}`), await alice.sendEvent(roomId, 'org.example.other', {}));
      const answer = await context(alice, sent[2]!, {
        limit: 10,
        filter: JSON.stringify({ types: ['org.example.other', 'm.room.create'] }),
      });
      expect(answer.event.event_id).toBe(sent[2]);
      expect(answer.events_before.every((event: Json) => event.type !== 'm.room.message')).toBe(true);
      expect(ids(answer.events_after)).toEqual([sent[3], sent[5]]);
      expect(answer.state.map((event: Json) => event.type)).toEqual(['m.room.create']);
    });

    it('has the state of its end, and only the members who speak if that is wanted', async () => {
      await bob.joinRoom(roomId);
      const eventId = await alice.sendText(roomId, 'here');
      await alice.sendText(roomId, 'near');
      await alice.sendState(roomId, 'm.room.topic', { topic: 'later' });
      const near = await context(alice, eventId, { limit: 2, filter: JSON.stringify({ lazy_load_members: true }) });
      const keys = near.state.map((event: Json) => `${event.type} ${event.state_key}`);
      expect(keys).toContain('m.room.create ');
      expect(keys).toContain(`m.room.member ${alice.userId}`);
      expect(keys).not.toContain('m.room.topic ');
      const whole = await context(alice, eventId, { limit: 2 });
      expect(whole.state.map((event: Json) => event.state_key)).toContain(bob.userId);
    });

    it('can be none at all, or more than there is', async () => {
      const eventId = await alice.sendText(roomId, 'here');
      const none = await context(alice, eventId, { limit: 0 });
      expect([none.events_before, none.events_after]).toEqual([[], []]);
      const all = await context(alice, eventId, { limit: 1_000_000 });
      expect(all.events_before.at(-1).type).toBe('m.room.create');
      await context(alice, eventId, { limit: -1 }, { expect: 'M_INVALID_PARAM' });
      await context(alice, eventId, { filter: 'x' }, { expect: 'M_NOT_JSON' });
      await context(bob, eventId, {}, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('members at a place', () => {
    const at = async (client: TestClient, token: string, expectation = {}): Promise<Json> => {
      const answer = await client.call('getMembersByRoom', { params: { roomId }, query: { at: token } }, expectation);
      return answer.chunk?.map((event: Json) => event.state_key).toSorted();
    };

    it('is for sync tokens, and for those of pages', async () => {
      const { next_batch: before, rooms } = await alice.sync();
      await bob.joinRoom(roomId);
      const { next_batch: after } = await alice.sync();
      expect(await at(alice, before)).toEqual([alice.userId]);
      expect(await at(alice, after)).toEqual([alice.userId, bob.userId]);
      const { end } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 1 } });
      expect(await at(alice, end)).toEqual([alice.userId]);
      // Where a first sync begins there was nobody but the creator.
      expect(await at(alice, rooms.join[roomId].timeline.prev_batch)).toEqual([alice.userId]);
      await at(alice, 'nonsense', { expect: 'M_INVALID_PARAM' });
    });

    it('is not for places that one may not see', async () => {
      await alice.sendState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
      await alice.sendText(roomId, 'not for those who come later');
      const { next_batch: before } = await alice.sync();
      await bob.joinRoom(roomId);
      await at(bob, before, { expect: 'M_FORBIDDEN' });
      await bob.leaveRoom(roomId);
      const carol = await server.registerUser(`carol${roomId.length}${Date.now()}`);
      await carol.joinRoom(roomId);
      const { next_batch: after } = await alice.sync();
      expect(await at(bob, after)).toEqual([alice.userId, bob.userId]);
    });
  });

  it('a time leads to the nearest event that one may see', async () => {
    const runtime = shiftableRuntime();
    const own = await start({ runtime });
    const [host, guest] = [await own.registerUser('host'), await own.registerUser('guest')];
    const params = {
      roomId: await host.createRoom({
        preset: 'public_chat',
        initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
      }),
    };
    const near = (client: TestClient, ts: number, dir: string, expectation = {}): Promise<Json> =>
      client.call('getEventByTimestamp', { params, query: { ts, dir } }, expectation);
    const sent: { event_id: string; origin_server_ts: number }[] = [];
    for (let i = 0; i < 5; i++) {
      runtime.forward(10_000);
      const eventId = await host.sendText(params.roomId, `${i}`);
      sent.push({
        event_id: eventId,
        origin_server_ts: (await host.call('getOneRoomEvent', { params: { ...params, eventId } })).origin_server_ts,
      });
    }
    expect(await near(host, sent[2]!.origin_server_ts, 'f')).toEqual(sent[2]);
    expect(await near(host, sent[2]!.origin_server_ts, 'b')).toEqual(sent[2]);
    expect(await near(host, sent[2]!.origin_server_ts + 1, 'f')).toEqual(sent[3]);
    expect(await near(host, sent[2]!.origin_server_ts - 1, 'b')).toEqual(sent[1]);
    await near(host, 1, 'b', { expect: 'M_NOT_FOUND' });
    runtime.forward(10_000);
    await guest.joinRoom(params.roomId);
    // What was said before they came is passed over.
    const { event_id: eventId } = await near(guest, sent[0]!.origin_server_ts, 'f');
    expect((await guest.call('getOneRoomEvent', { params: { ...params, eventId } })).state_key).toBe(guest.userId);
    for (const query of [{ dir: 'f' }, { ts: 'x', dir: 'f' }, { ts: -1, dir: 'f' }, { ts: 1, dir: 'x' }]) {
      const answer = await host.send('getEventByTimestamp', { params, query }, { expect: 400 });
      expect(answer.body.errcode).toMatch(/^M_(INVALID|MISSING)_PARAM$/);
    }
  });

  it('guests look at rooms that everybody may read', async () => {
    const own = await start({ config: { allow_guest_access: true } });
    const host = await own.registerUser('host');
    const open = await host.createRoom({
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }],
    });
    const closed = await host.createRoom();
    const guest = await own.client().registerGuest();
    const [eventId, hidden] = [await host.sendText(open, 'hello'), await host.sendText(closed, 'secret')];
    const reads: [string, object][] = [
      ['getRoomEvents', { query: { dir: 'b' } }],
      ['getRoomState', {}],
      ['getEventContext', {}],
      ['getOneRoomEvent', {}],
      ['getRelatingEvents', {}],
    ];
    for (const [operation, more] of reads) {
      await guest.call(operation, { params: { roomId: open, eventId }, ...more });
      await guest.call(operation, { params: { roomId: closed, eventId: hidden }, ...more }, { expect: [403, 404] });
      await guest.call(
        operation,
        { params: { roomId: open, eventId: hidden }, ...more },
        { expect: operation.includes('Event') && operation !== 'getRoomEvents' ? 404 : 200 },
      );
    }
  });
});
