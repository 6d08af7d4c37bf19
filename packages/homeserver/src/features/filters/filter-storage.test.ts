import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
  });

  const define = (body: unknown, expectation = {}): Promise<Json> =>
    alice.call('defineFilter', { params: { userId: alice.userId! }, body }, expectation);
  const get = (filterId: string, expectation = {}): Promise<Json> =>
    alice.call('getFilter', { params: { userId: alice.userId!, filterId } }, expectation);

  it('gives each of many filters made at once its own number', async () => {
    const limits = Array.from({ length: 12 }, (_, i) => i + 1);
    const answers = await Promise.all(limits.map((limit) => define({ room: { timeline: { limit } } })));
    expect(new Set(answers.map((answer) => answer.filter_id)).size).toBe(12);
    const kept = await Promise.all(answers.map((answer) => get(answer.filter_id)));
    expect(kept.map((filter) => filter.room.timeline.limit)).toEqual(limits);
    const same = await Promise.all(limits.map(() => define({ room: { timeline: { limit: 99 } } })));
    expect(new Set(same.map((answer) => answer.filter_id)).size).toBe(1);
  });

  it('knows its own numbers only', async () => {
    const { filter_id: known } = await define({ presence: { types: [] } });
    for (const filterId of [`0${known}`, `${known}.0`, '-1', '1e3', '99999999999999999999', 'x', ' ', '0x1']) {
      await get(filterId, { expect: 'M_NOT_FOUND' });
      await alice.call('sync', { query: { filter: filterId } }, { expect: 'M_INVALID_PARAM' });
    }
  });

  it('does not take what is too large', async () => {
    await define(
      { room: { rooms: Array.from({ length: 5_000 }, (_, i) => `!room${i}:test`) } },
      { expect: 'M_TOO_LARGE' },
    );
    const filter = JSON.stringify({ room: { rooms: Array.from({ length: 2_000 }, (_, i) => `!${i}:test`) } });
    // Nor does the way through a request's line.
    const answer = await alice.raw('GET', `/_matrix/client/v3/sync?filter=${encodeURIComponent(filter.repeat(3))}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  it('gives events in the format of servers where a client asks for it', async () => {
    const roomId = await alice.createRoom({ room_version: '11' });
    const eventId = await alice.sendText(roomId, 'hello');
    const { filter_id: filter } = await define({ event_format: 'federation', room: { timeline: { limit: 1 } } });
    const { rooms } = await alice.sync({ filter });
    const [event] = rooms.join[roomId].timeline.events;
    expect(event).toMatchObject({
      type: 'm.room.message',
      content: { body: 'hello' },
      room_id: roomId,
      event_id: eventId,
    });
    expect(Object.keys(event)).toEqual(
      expect.arrayContaining(['auth_events', 'prev_events', 'depth', 'hashes', 'signatures']),
    );
    expect(event.unsigned.age).toBeTypeOf('number');
  });

  it('gives the fields that a client asks for', async () => {
    const roomId = await alice.createRoom({ name: 'named' });
    const fields = ['type', 'event_id', 'sender', 'origin_server_ts', 'content.body', 'content.m\\.relates_to'];
    const relation = { 'm.in_reply_to': { event_id: await alice.sendText(roomId, 'first') } };
    await alice.sendEvent(roomId, 'm.room.message', { msgtype: 'm.text', body: 'hello', 'm.relates_to': relation });
    const room = { state: { types: [] }, timeline: { limit: 1 } };
    const { rooms } = await alice.sync({ filter: { event_fields: fields, room } });
    const [event] = rooms.join[roomId].timeline.events;
    expect(Object.keys(event).toSorted()).toEqual(['content', 'event_id', 'origin_server_ts', 'sender', 'type']);
    expect(event.content).toEqual({ body: 'hello', 'm.relates_to': relation });
  });
});
