import { describeFederations, PeerRooms, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const encoded = encodeURIComponent;

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let stranger: TestPeer;
  let there: PeerRooms;
  let elsewhere: PeerRooms;
  let alice: TestClient;
  let roomId: string;
  let users = 0;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    stranger = await TestPeer.start();
    there = new PeerRooms(peer, server);
    elsewhere = new PeerRooms(stranger, server);
    alice = await server.registerUser('alice');
  });
  afterAll(() => Promise.all([peer.stop(), stranger.stop()]));
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
    await there.join(roomId, there.userId(`user${++users}`));
  });

  const bodies = (events: Json[]): (string | undefined)[] =>
    events.filter((event) => event.type === 'm.room.message').map((event) => event.content.body);

  describe('an event', () => {
    it('is given as it was hashed', async () => {
      const eventId = await alice.sendText(roomId, 'hello');
      const answer = await there.get(`/v1/event/${encoded(eventId)}`);
      expect(answer.origin).toBe(server.serverName);
      expect(bodies(answer.pdus)).toEqual(['hello']);
      expect(answer.pdus[0].signatures[server.serverName]).toBeDefined();
    });

    it('is given without what a redaction took', async () => {
      const eventId = await alice.sendText(roomId, 'regretted');
      await alice.call('redactEvent', { params: { roomId, eventId, txnId: 'r' }, body: {} });
      const answer = await there.get(`/v1/event/${encoded(eventId)}`);
      expect(answer.pdus[0].content).toEqual({});
    });

    it('that only another server has may be redacted, by who may redact any', async () => {
      const redact = (who: TestClient, eventId: string, expectation: Json = {}): Promise<Json> =>
        who.call('redactEvent', { params: { roomId, eventId, txnId: who.nextTransaction() }, body: {} }, expectation);
      const unknown = `$${'A'.repeat(43)}`;
      const { event_id: redaction } = await redact(alice, unknown);
      const { pdus } = await there.get(`/v1/event/${encoded(redaction)}`);
      expect(pdus[0].content.redacts).toBe(unknown);
      const bob = await server.registerUser(`bob${users}`);
      await bob.joinRoom(roomId);
      await redact(bob, unknown, { expect: 'M_NOT_FOUND' });
    });

    it('is not given to servers outside of the room', async () => {
      const eventId = await alice.sendText(roomId, 'secret');
      await elsewhere.get(`/v1/event/${encoded(eventId)}`, { expect: 'M_FORBIDDEN' });
      await there.get(`/v1/event/${encoded(`$${'A'.repeat(43)}`)}`, { expect: 'M_NOT_FOUND' });
    });
  });

  describe('the state at an event', () => {
    it('is what was before it, with its auth chain', async () => {
      const before = await alice.sendState(roomId, 'm.room.topic', { topic: 'one' });
      const eventId = await alice.sendState(roomId, 'm.room.topic', { topic: 'two' });
      const state = await there.get(`/v1/state/${encoded(roomId)}?event_id=${encoded(eventId)}`);
      const topic = state.pdus.find((event: Json) => event.type === 'm.room.topic');
      expect(topic.content.topic).toBe('one');
      const ids = await there.get(`/v1/state_ids/${encoded(roomId)}?event_id=${encoded(eventId)}`);
      expect(ids.pdu_ids).toContain(before);
      expect(ids.pdu_ids).toHaveLength(state.pdus.length);
      expect(ids.auth_chain_ids).toHaveLength(state.auth_chain.length);
      expect(state.auth_chain.map((event: Json) => event.type)).toContain('m.room.create');
    });

    it('is told to nobody outside, and of no other room', async () => {
      const other = await alice.createRoom({ preset: 'public_chat' });
      const foreign = await alice.sendText(other, 'there');
      const eventId = await alice.sendText(roomId, 'here');
      for (const endpoint of ['state', 'state_ids']) {
        const path = (room: string, event: string): string =>
          `/v1/${endpoint}/${encoded(room)}?event_id=${encoded(event)}`;
        await elsewhere.get(path(roomId, eventId), { expect: 'M_FORBIDDEN' });
        await there.get(path(other, foreign), { expect: 'M_FORBIDDEN' });
        await there.get(path(roomId, foreign), { expect: 'M_NOT_FOUND' });
        await there.get(path(roomId, '$nothing'), { expect: 'M_NOT_FOUND' });
        await there.get(path('!nothing:here', eventId), { expect: 'M_FORBIDDEN' });
      }
    });
  });

  it('the auth chain of an event', async () => {
    const eventId = await alice.sendText(roomId, 'hello');
    const { auth_chain: chain } = await there.get(`/v1/event_auth/${encoded(roomId)}/${encoded(eventId)}`);
    expect(new Set(chain.map((event: Json) => event.type))).toEqual(
      new Set(['m.room.create', 'm.room.member', 'm.room.power_levels']),
    );
    await elsewhere.get(`/v1/event_auth/${encoded(roomId)}/${encoded(eventId)}`, { expect: 'M_FORBIDDEN' });
    await there.get(`/v1/event_auth/${encoded(roomId)}/${encoded('$nothing')}`, { expect: 'M_NOT_FOUND' });
  });

  describe('the history', () => {
    it('goes back from events, those included, as far as is asked for', async () => {
      for (const body of ['one', 'two', 'three']) await alice.sendText(roomId, body);
      const last = await alice.sendText(roomId, 'four');
      const path = (limit: number): string => `/v1/backfill/${encoded(roomId)}?v=${encoded(last)}&limit=${limit}`;
      expect(bodies((await there.get(path(3))).pdus)).toEqual(['four', 'three', 'two']);
      const all = (await there.get(path(1_000))).pdus;
      expect(all.at(-1).type).toBe('m.room.create');
      await elsewhere.get(path(3), { expect: 'M_FORBIDDEN' });
      await there.get(`/v1/backfill/${encoded(roomId)}?v=${encoded(last)}`, { expect: 400 });
    });

    it('has no more than 100 events at once, 20 where some are missing', async () => {
      let last = '';
      for (let i = 0; i < 105; i++) last = await alice.sendText(roomId, `${i}`);
      const path = `/v1/backfill/${encoded(roomId)}?v=${encoded(last)}&limit=100000`;
      expect((await there.get(path)).pdus).toHaveLength(100);
      const body = { earliest_events: [], latest_events: [last], limit: 100_000 };
      const missing = await there.request('POST', `/v1/get_missing_events/${encoded(roomId)}`, body);
      expect(missing.body.events).toHaveLength(20);
    });

    it('costs no more for thousands of ids, and has no limits below zero', async () => {
      const last = await alice.sendText(roomId, 'last');
      const ids = Array.from({ length: 5_000 }, (_, i) => `$${i}`);
      const path = `/v1/get_missing_events/${encoded(roomId)}`;
      const ask = async (body: Json): Promise<Json> => (await there.request('POST', path, body)).body.events;
      const many = await ask({ earliest_events: ids, latest_events: [last, ...ids], limit: 3 });
      expect(many).toHaveLength(3);
      expect(await ask({ earliest_events: [], latest_events: [...ids, last] })).toEqual([]);
      expect(await ask({ earliest_events: [], latest_events: [last], limit: 0 })).toEqual([]);
      for (const limit of [-5, 'x'])
        await there.request('POST', path, { earliest_events: [], latest_events: [last], limit }, { expect: 400 });
      const back = (limit: string): string => `/v1/backfill/${encoded(roomId)}?v=${encoded(last)}&limit=${limit}`;
      for (const limit of ['-1', 'x', '1.5']) await there.get(back(limit), { expect: 400 });
      const starts = ids.slice(0, 500).map((id) => `v=${encoded(id)}`);
      const { pdus } = await there.get(`${back('5')}&${starts.join('&')}`);
      expect(pdus).toHaveLength(5);
    });

    it('between events is given, the oldest first', async () => {
      const first = await alice.sendText(roomId, 'one');
      for (const body of ['two', 'three', 'four']) await alice.sendText(roomId, body);
      const last = await alice.sendText(roomId, 'five');
      const path = `/v1/get_missing_events/${encoded(roomId)}`;
      const ask = async (more: Json = {}): Promise<Json> =>
        (await there.request('POST', path, { earliest_events: [first], latest_events: [last], ...more })).body.events;
      expect(bodies(await ask())).toEqual(['two', 'three', 'four']);
      expect(bodies(await ask({ limit: 2 }))).toEqual(['three', 'four']);
      expect(bodies(await ask({ latest_events: ['$nothing'] }))).toEqual([]);
      const { pdus } = await there.get(`/v1/event/${encoded(last)}`);
      expect(bodies(await ask({ min_depth: pdus[0].depth - 2 }))).toEqual(['three', 'four']);
      expect((await ask({ earliest_events: [] })).at(0).type).toBe('m.room.create');
      const body = { earliest_events: [], latest_events: [last] };
      await elsewhere.request('POST', path, body, { expect: 'M_FORBIDDEN' });
      await there.request('POST', path, { earliest_events: 'all', latest_events: [] }, { expect: 400 });
    });

    it('is redacted where the other server was not there yet', async () => {
      const closed = await alice.createRoom({
        preset: 'public_chat',
        room_version: '11',
        initial_state: [
          { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
        ],
      });
      const secret = await alice.sendText(closed, 'before');
      await there.join(closed, there.userId(`user${++users}`));
      const last = await alice.sendText(closed, 'after');
      const path = `/v1/backfill/${encoded(closed)}?v=${encoded(last)}&limit=10`;
      expect(bodies((await there.get(path)).pdus)).toEqual(['after', undefined]);
      expect((await there.get(`/v1/event/${encoded(secret)}`)).pdus[0].content).toEqual({});
      const missing = { earliest_events: [], latest_events: [last] };
      const { events } = (await there.request('POST', `/v1/get_missing_events/${encoded(closed)}`, missing)).body;
      expect(bodies(events)).toEqual([undefined]);
      const near = `/v1/timestamp_to_event/${encoded(closed)}?ts=0&dir=f`;
      const { origin_server_ts: ts } = await there.get(near);
      expect(ts).toBeGreaterThan(0);
      expect((await there.get(near)).event_id).not.toBe(secret);
    });
  });

  it('the event closest to a time', async () => {
    const eventId = await alice.sendText(roomId, 'now');
    const { pdus } = await there.get(`/v1/event/${encoded(eventId)}`);
    const ts = pdus[0].origin_server_ts;
    const path = (at: number, dir: string): string => `/v1/timestamp_to_event/${encoded(roomId)}?ts=${at}&dir=${dir}`;
    expect(await there.get(path(ts + 1_000_000, 'b'))).toEqual({ event_id: eventId, origin_server_ts: ts });
    await there.get(path(ts + 1_000_000, 'f'), { expect: 'M_NOT_FOUND' });
    await elsewhere.get(path(ts, 'b'), { expect: 'M_FORBIDDEN' });
    await there.get(path(ts, 'x'), { expect: 400 });
  });

  it('how large a room is, if it is for everybody', async () => {
    const path = (room: string): string => `/v1/rooms/${encoded(room)}/complexity`;
    expect(await elsewhere.get(path(roomId))).toEqual({ v1: 0.01 });
    const closed = await alice.createRoom({ preset: 'private_chat' });
    await elsewhere.get(path(closed), { expect: 'M_NOT_FOUND' });
    await elsewhere.get(path('!nothing:here'), { expect: 'M_NOT_FOUND' });
  });

  describe('servers that were shut out, or have left,', () => {
    const paths = (eventId: string): string[] => [
      `/v1/event/${encoded(eventId)}`,
      `/v1/state/${encoded(roomId)}?event_id=${encoded(eventId)}`,
      `/v1/state_ids/${encoded(roomId)}?event_id=${encoded(eventId)}`,
      `/v1/event_auth/${encoded(roomId)}/${encoded(eventId)}`,
    ];
    const backfill = (eventId: string): string => `/v1/backfill/${encoded(roomId)}?v=${encoded(eventId)}&limit=5`;
    const near = (): string => `/v1/timestamp_to_event/${encoded(roomId)}?ts=0&dir=f`;
    const missing = (latest: string, earliest: string[] = []): Promise<Json> =>
      there
        .request('POST', `/v1/get_missing_events/${encoded(roomId)}`, {
          earliest_events: earliest,
          latest_events: [latest],
        })
        .then(({ body }) => body.events);
    const idOf = async (): Promise<string> => (await alice.sync()).rooms.join[roomId].timeline.events.at(-1).event_id;
    const kick = async (): Promise<string> => {
      await alice.call('kick', { params: { roomId }, body: { user_id: there.userId(`user${users}`) } });
      return idOf();
    };

    it('are told nothing by the access control list', async () => {
      const eventId = await alice.sendText(roomId, 'hello');
      const all = [...paths(eventId), backfill(eventId), near()];
      for (const path of all) await there.get(path);
      await alice.sendState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['127.0.0.1'] });
      for (const path of all) await there.get(path, { expect: 'M_FORBIDDEN' });
      await kick();
      for (const path of all) await there.get(path, { expect: 'M_FORBIDDEN' });
    });

    it('are told what they could have had until then, up to the event by which they went', async () => {
      const first = await alice.sendText(roomId, 'one');
      const second = await alice.sendText(roomId, 'two');
      const kicked = await kick();
      const later = await alice.sendText(roomId, 'three');
      for (const known of [first, second, kicked]) for (const path of paths(known)) await there.get(path);
      for (const path of paths(later)) await there.get(path, { expect: 'M_NOT_FOUND' });
      expect(bodies(await missing(kicked, [first]))).toEqual(['two']);
      expect(await missing(later)).toEqual([]);
      expect(bodies((await there.get(backfill(kicked))).pdus)).toEqual(['two', 'one']);
      expect((await there.get(backfill(later))).pdus).toEqual([]);
      await there.get(near(), { expect: 'M_FORBIDDEN' });
      for (const path of [...paths(first), backfill(first)]) await elsewhere.get(path, { expect: 'M_FORBIDDEN' });
    });

    it('gain nothing by what becomes of their users afterwards', async () => {
      await kick();
      const later = await alice.sendText(roomId, 'later');
      const bob = there.userId(`user${users}`);
      await alice.call('ban', { params: { roomId }, body: { user_id: bob } });
      await alice.call('unban', { params: { roomId }, body: { user_id: bob } });
      for (const path of paths(later)) await there.get(path, { expect: 'M_NOT_FOUND' });
    });

    it('may ask for all once they have come back', async () => {
      await kick();
      const later = await alice.sendText(roomId, 'later');
      await there.join(roomId, there.userId(`user${users}`));
      for (const path of [...paths(later), backfill(later), near()]) await there.get(path);
    });
  });
});
