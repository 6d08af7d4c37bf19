import { describeFederations, PeerRooms, TestPeer, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const encoded = encodeURIComponent;

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let roomId: string;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
    roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
    await there.join(roomId, there.userId('bob'));
  });
  afterAll(() => peer.stop());

  const get = (path: string) => () => there.request('GET', path, undefined, { expect: [200, 400, 403, 404] });
  const post = (path: string, body: object) => () =>
    there.request('POST', path, body as never, { expect: [200, 400, 403, 404] });

  /** Each request of another server that names a room and an event. */
  function requests(room: string, event: string): Record<string, () => Promise<{ body: unknown }>> {
    const path = `${encoded(room)}/${encoded(event)}`;
    const query = `${encoded(room)}?event_id=${encoded(event)}`;
    const missing = `/v1/get_missing_events/${encoded(room)}`;
    return {
      state: get(`/v1/state/${query}`),
      state_ids: get(`/v1/state_ids/${query}`),
      event_auth: get(`/v1/event_auth/${path}`),
      backfill: get(`/v1/backfill/${encoded(room)}?v=${encoded(event)}&limit=50`),
      'get_missing_events, from': post(missing, { earliest_events: [], latest_events: [event], limit: 20 }),
      'get_missing_events, to': post(missing, { earliest_events: [event], latest_events: [event], limit: 20 }),
    };
  }

  describe.each([false, true])('an event of another room (the server is in it: %s)', (isIn) => {
    let other: string;
    let foreign: string;
    beforeAll(async () => {
      other = await alice.createRoom({ preset: 'public_chat', name: 'a secret', room_version: '11' });
      await alice.sendText(other, 'a secret');
      foreign = await alice.sendState(other, 'm.room.topic', { topic: 'a secret' });
      if (isIn) await there.join(other, there.userId('bob'));
    });

    it.each(Object.keys(requests('!r:test', '$e')))('is not to be had by %s', async (name) => {
      const { body } = await requests(roomId, foreign)[name]!();
      const text = JSON.stringify(body);
      expect(text).not.toContain('a secret');
      expect(text).not.toContain(foreign);
      expect(text).not.toContain(other);
      if (isIn) return;
      const outside = await requests(other, foreign)[name]!();
      expect(outside.body).toMatchObject({ errcode: 'M_FORBIDDEN' });
    });
  });

  it('an event of the room itself is to be had by each of them', async () => {
    await alice.sendText(roomId, 'one');
    const eventId = await alice.sendText(roomId, 'two');
    for (const [name, request] of Object.entries(requests(roomId, eventId))) {
      const { body } = await request();
      expect(body, name).not.toHaveProperty('errcode');
      if (name !== 'get_missing_events, to') expect(JSON.stringify(body).length, name).toBeGreaterThan(100);
    }
  });
});
