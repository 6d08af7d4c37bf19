import {
  describeFederations,
  TestPeer,
  timelineOf,
  type Json,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PeerRoom, type PeerEvent } from './testing/peer-room.ts';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
  });
  afterAll(() => peer.stop());

  let users = 0;
  const idsOf = (events: Json[]): string[] => events.map((event) => event.event_id);
  const limitTo = (limit: number): object => ({ room: { timeline: { limit } } });
  const newRoom = async (): Promise<{ bob: TestClient; room: PeerRoom; roomId: string }> => {
    const bob = await server.registerUser(`bob${users++}`);
    const room = new PeerRoom(peer);
    peer.handler = (request) =>
      request.url.includes('/backfill/')
        ? {
            body: {
              origin: peer.serverName,
              origin_server_ts: 1,
              pdus: room.events.map(({ pdu }) => pdu).toReversed(),
            },
          }
        : room.handle(request);
    const { roomId } = room;
    await bob.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [peer.serverName] }, body: {} });
    return { bob, room, roomId };
  };
  const sendTexts = async (bob: TestClient, roomId: string, count: number): Promise<string[]> => {
    const sent: string[] = [];
    for (let i = 0; i < count; i++) sent.push(await bob.sendText(roomId, `message ${i}`));
    return sent;
  };
  let transactions = 0;
  /** The other server has seen nothing of what was sent when it sends this. */
  const arrive = async ({ eventId, pdu }: PeerEvent): Promise<string> => {
    const body = { origin: peer.serverName, origin_server_ts: 1, pdus: [pdu] };
    const path = `/_matrix/federation/v1/send/fork${transactions++}`;
    const answer = await peer.send(server.serverName, 'PUT', path, { body });
    expect(answer.body).toEqual({ pdus: { [eventId]: {} } });
    return eventId;
  };
  /** All that comes by going back from a token, oldest first. */
  const backFrom = async (bob: TestClient, roomId: string, token: string): Promise<string[]> => {
    const ids: string[] = [];
    for (let from: string | undefined = token; from !== undefined;) {
      const page: Json = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 3, from } });
      ids.unshift(...idsOf(page.chunk).toReversed());
      from = page.end;
    }
    return ids;
  };

  it('going back from a later sync brings all that came before it, though a fork came late', async () => {
    const { bob, room, roomId } = await newRoom();
    const { next_batch: since } = await bob.sync();
    const sent = await sendTexts(bob, roomId, 4);
    const late = await arrive(room.make('m.room.message', { msgtype: 'm.text', body: 'late' }));
    const last = await bob.sendText(roomId, 'last');
    const sync = await bob.sync({ since, filter: limitTo(2) });
    expect(idsOf(timelineOf(sync, roomId))).toEqual([late, last]);
    const from = sync.rooms.join[roomId].timeline.prev_batch as string;
    const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: '4', from } });
    expect(idsOf(chunk)).toEqual(sent.toReversed());
  });

  it('a first sync shows the end of the graph, and going back goes on in its order', async () => {
    const { bob, room, roomId } = await newRoom();
    const late = room.make('m.room.message', { msgtype: 'm.text', body: 'late' });
    const sent = await sendTexts(bob, roomId, 4);
    await arrive(late);
    const last = await bob.sendText(roomId, 'last');
    const all = [...idsOf(room.events.map(({ eventId }) => ({ event_id: eventId }))), sent[0], late.eventId];
    all.push(...sent.slice(1), last);
    for (const limit of [0, 1, 3, 5, 7, 100]) {
      const { timeline } = (await bob.sync({ filter: limitTo(limit) })).rooms.join[roomId];
      expect(idsOf(timeline.events).length).toBeLessThanOrEqual(limit);
      const before = await backFrom(bob, roomId, timeline.prev_batch);
      expect([...before, ...idsOf(timeline.events)], `limit ${limit}`).toEqual(all);
      expect(timeline.limited).toBe(limit < 100);
    }
  });

  it('a first sync shows the end of the graph of a room that was left', async () => {
    const { bob, room, roomId } = await newRoom();
    const eve = await server.registerUser(`eve${users}`);
    await eve.joinRoom(roomId);
    const late = room.make('m.room.message', { msgtype: 'm.text', body: 'late' });
    const sent = await sendTexts(bob, roomId, 4);
    await arrive(late);
    await bob.leaveRoom(roomId);
    await sendTexts(eve, roomId, 1);
    const filter = { room: { include_leave: true, timeline: { limit: 4 } } };
    const { timeline } = (await bob.sync({ filter })).rooms.leave[roomId];
    expect(idsOf(timeline.events).slice(0, 3)).toEqual(sent.slice(1));
    expect(timeline.events[3]).toMatchObject({ sender: bob.userId, content: { membership: 'leave' } });
    const before = await backFrom(bob, roomId, timeline.prev_batch);
    expect(before.slice(-2)).toEqual([late.eventId, sent[0]]);
  });

  it('a first sync tells state that came late as state if its place is before the timeline', async () => {
    const { bob, room, roomId } = await newRoom();
    await sendTexts(bob, roomId, 1);
    const name = room.make('m.room.name', { name: 'late' }, '');
    const [, shown] = await sendTexts(bob, roomId, 2);
    await arrive(name);
    await bob.call('sendMessage', { params: { roomId, eventType: 'org.example.dropped', txnId: 'x' }, body: {} });
    const filter = { room: { timeline: { limit: 1, not_types: ['org.example.dropped'] } } };
    const { timeline, state } = (await bob.sync({ filter })).rooms.join[roomId];
    expect(idsOf(timeline.events)).toEqual([shown]);
    expect(idsOf(state.events)).toContain(name.eventId);
  });

  it('a first sync shows nothing from before a gap in the graph', async () => {
    const { bob, room, roomId } = await newRoom();
    await sendTexts(bob, roomId, 2);
    const late = room.make('m.room.message', { msgtype: 'm.text', body: 'late' });
    const [, told, after] = [50, 51, 52].map((depth) => {
      const event = room.make('m.room.message', { msgtype: 'm.text', body: 'x' }, undefined, { depth });
      room.events.push(event);
      return event;
    }) as [PeerEvent, PeerEvent, PeerEvent];
    // The first of them can't be had; the state after it is told.
    peer.handler = (request) => {
      if (request.url.includes('/get_missing_events/')) return { body: { events: [told.pdu] } };
      return request.url.includes('/event/') ? undefined : room.handle(request);
    };
    await bob.sync();
    await arrive(after);
    await bob.waitForEvent(roomId, after.eventId);
    await arrive(late);
    const last = await bob.sendText(roomId, 'last');
    const { timeline } = (await bob.sync({ filter: limitTo(20) })).rooms.join[roomId];
    expect(idsOf(timeline.events)).toEqual([told.eventId, after.eventId, last]);
    expect(timeline.limited).toBe(true);
  });
});
