import { describeFederations, shiftableRuntime, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let first: TestServer;
  let second: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    [first, second] = (await start(2)) as [TestServer, TestServer];
    alice = await first.registerUser('alice');
    bob = await second.registerUser('bob');
  });

  /** A room with messages of alice that bob joins afterwards. */
  async function joinedLater(messages: number, options: object = {}): Promise<{ roomId: string; sent: string[] }> {
    const roomId = await alice.createRoom({ preset: 'public_chat', ...options });
    const sent: string[] = [];
    for (let i = 0; i < messages; i++) sent.push(await alice.sendText(roomId, `message ${i}`));
    await bob.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [first.serverName] }, body: {} });
    return { roomId, sent };
  }

  async function readBack(client: TestClient, roomId: string, limit: string): Promise<Json[]> {
    const events: Json[] = [];
    let from: string | undefined;
    for (let page = 0; page < 50; page++) {
      const query = { dir: 'b', limit, ...(from === undefined ? {} : { from }) };
      const answer = await client.call('getRoomEvents', { params: { roomId }, query });
      events.push(...answer.chunk);
      if (answer.end === undefined) return events;
      from = answer.end;
    }
    throw new Error('There is no end of it');
  }

  const idsOf = (events: readonly Json[]): string[] => events.map((event) => event.event_id);

  describe('history of before this server came', () => {
    it.each(['1', '5', '11', '12'])('is read in whole in a room of version %s', async (version) => {
      const { roomId, sent } = await joinedLater(25, { room_version: version });
      const theirs = idsOf(await readBack(alice, roomId, '100'));
      expect(theirs).toEqual(expect.arrayContaining(sent));
      expect(idsOf(await readBack(bob, roomId, '10'))).toEqual(theirs);
      // And again from what is kept.
      expect(idsOf(await readBack(bob, roomId, '7'))).toEqual(theirs);
    });

    it('is read over more pages than another server gives at once', async () => {
      const { roomId, sent } = await joinedLater(130);
      expect(idsOf(await readBack(bob, roomId, '40'))).toEqual(expect.arrayContaining(sent));
    });

    it('is hidden as the room wants it', async () => {
      const { roomId, sent } = await joinedLater(5, {
        initial_state: [
          { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
        ],
      });
      const seen = idsOf(await readBack(bob, roomId, '10'));
      for (const eventId of sent) {
        expect(seen).not.toContain(eventId);
        await bob.call('getOneRoomEvent', { params: { roomId, eventId } }, { expect: 404 });
        await bob.call('getEventContext', { params: { roomId, eventId } }, { expect: 404 });
      }
    });

    it('is found by event', async () => {
      const { roomId, sent } = await joinedLater(12);
      const eventId = sent[3] as string;
      const event = await bob.call('getOneRoomEvent', { params: { roomId, eventId } });
      expect(event.content.body).toBe('message 3');
      const context = await bob.call('getEventContext', { params: { roomId, eventId }, query: { limit: '4' } });
      expect(context.event.event_id).toBe(eventId);
      expect(idsOf(context.events_before)).toEqual([sent[2], sent[1]]);
    });

    it('is not shown to who is not in the room', async () => {
      const { roomId, sent } = await joinedLater(3);
      const other = await second.registerUser('other');
      const eventId = sent[0] as string;
      await other.call('getOneRoomEvent', { params: { roomId, eventId } }, { expect: 404 });
      const elsewhere = await other.createRoom();
      await other.call('getOneRoomEvent', { params: { roomId: elsewhere, eventId } }, { expect: 404 });
    });

    it('is found by time', async () => {
      const { roomId, sent } = await joinedLater(6);
      const eventId = sent[2] as string;
      const { origin_server_ts: ts } = await alice.call('getOneRoomEvent', { params: { roomId, eventId } });
      for (const dir of ['f', 'b']) {
        const found = await bob.call('getEventByTimestamp', { params: { roomId }, query: { ts: String(ts), dir } });
        expect(found.origin_server_ts).toBe(ts);
        await bob.call('getOneRoomEvent', { params: { roomId, eventId: found.event_id } });
      }
      const query = { ts: String(ts + 86_400_000), dir: 'f' };
      await bob.call('getEventByTimestamp', { params: { roomId }, query }, { expect: 404 });
    });
  });

  it('is found by time where it is dated before the room, as what bridges bring in', async () => {
    const runtime = shiftableRuntime();
    const [here, there] = (await start(2, { runtime })) as [TestServer, TestServer];
    const anna = await here.registerUser('anna');
    const ben = await there.registerUser('ben');
    const before = runtime.clock.now();
    runtime.forward(1_000);
    const roomId = await anna.createRoom({ preset: 'public_chat' });
    await anna.sendText(roomId, 'of today');
    const years = 4 * 365 * 86_400_000;
    runtime.jump(-years);
    const eventId = await anna.sendText(roomId, 'of years ago');
    runtime.jump(years);
    await ben.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [here.serverName] }, body: {} });
    for (const client of [anna, ben]) {
      const query = { ts: String(before), dir: 'b' };
      const found = await client.call('getEventByTimestamp', { params: { roomId }, query });
      expect(found.event_id).toBe(eventId);
    }
  });

  it('is found by the order of the graph where several have the same time', async () => {
    const { clock, ...rest } = shiftableRuntime();
    let time: number | undefined;
    const runtime = { ...rest, clock: { ...clock, now: () => time ?? clock.now() } };
    const [here, there] = (await start(2, { runtime })) as [TestServer, TestServer];
    const anna = await here.registerUser('anna');
    const ben = await there.registerUser('ben');
    const roomId = await anna.createRoom({ preset: 'public_chat' });
    const then = (time = clock.now() + 1);
    const first = await anna.sendText(roomId, 'first');
    await anna.sendText(roomId, 'second');
    const last = await anna.sendText(roomId, 'third');
    time = undefined;
    await ben.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [here.serverName] }, body: {} });
    const near = (client: TestClient, dir: string): Promise<Json> =>
      client.call('getEventByTimestamp', { params: { roomId }, query: { ts: String(then), dir } });
    // The second time, ben's server has one of them already.
    for (const client of [anna, ben]) {
      expect(await near(client, 'b')).toEqual({ event_id: last, origin_server_ts: then });
      expect(await near(client, 'f')).toEqual({ event_id: first, origin_server_ts: then });
    }
  });

  it('is what there is when nobody gives more', async () => {
    const [gone, here] = (await start(2)) as [TestServer, TestServer];
    const anna = await gone.registerUser('anna');
    const ben = await here.registerUser('ben');
    const roomId = await anna.createRoom({ preset: 'public_chat' });
    const eventId = await anna.sendText(roomId, 'before');
    await ben.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [gone.serverName] }, body: {} });
    await gone.stop();
    const events = await readBack(ben, roomId, '10');
    expect(events.map((event) => event.sender)).toEqual([ben.userId]);
    await ben.call('getOneRoomEvent', { params: { roomId, eventId } }, { expect: 404 });
    const query = { ts: '1', dir: 'f' };
    const found = await ben.call('getEventByTimestamp', { params: { roomId }, query });
    expect(found.event_id).toBe(events[0].event_id);
  });
});
