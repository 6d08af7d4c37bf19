import {
  describeFederations,
  TestPeer,
  type Json,
  type PeerHandler,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  let peer: TestPeer;
  let bob: TestClient;
  let room: PeerRoom;
  beforeAll(async () => {
    const config = { federation: { client_timeout: 2_000, max_short_retries: 0 } };
    const [server] = (await start(1, { config })) as [TestServer];
    peer = await TestPeer.start();
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());
  beforeEach(() => {
    room = new PeerRoom(peer);
    peer.received.length = 0;
    peer.handler = (request) => room.handle(request);
  });

  /** Answers some requests in another way. */
  function instead(handler: PeerHandler): void {
    peer.handler = async (request) => (await handler(request)) ?? room.handle(request);
  }
  const on =
    (part: string, answer: PeerHandler): PeerHandler =>
    (request) =>
      request.url.includes(part) ? answer(request) : undefined;
  const join = (): Promise<Json> =>
    bob.call('joinRoom', { params: { roomIdOrAlias: room.roomId }, query: { via: [peer.serverName] }, body: {} });
  const sentTo = (part: string): string[] =>
    peer.received.filter(({ url }) => url.includes(part)).map(({ body }) => body);

  describe('history', () => {
    const page = (): Promise<Json> =>
      bob.call('getRoomEvents', { params: { roomId: room.roomId }, query: { dir: 'b', limit: '20' } });

    it('that is wrong is left out, event by event', async () => {
      const good = room.add('m.room.message', { body: 'good' });
      await join();
      const forged = { ...room.make('m.room.message', { body: 'forged' }).pdu, signatures: {} };
      const foreign = new PeerRoom(peer).add('m.room.message', { body: 'of another room' }).pdu;
      const byNobody = room.make('m.room.message', { body: 'by nobody' }, undefined, {
        sender: `@stranger:${peer.serverName}`,
      }).pdu;
      instead(
        on('/backfill/', () => ({
          body: { pdus: [null, 7, forged, foreign, byNobody, ...room.events.map(({ pdu }) => pdu).reverse()] },
        })),
      );
      const bodies = ((await page()).chunk as Json[]).map((event) => event.content.body);
      expect(bodies).toContain('good');
      for (const bad of ['forged', 'of another room', 'by nobody']) expect(bodies).not.toContain(bad);
      expect(
        await bob.call('getOneRoomEvent', { params: { roomId: room.roomId, eventId: good.eventId } }),
      ).toMatchObject({
        content: { body: 'good' },
      });
    });

    it('that does not come does not keep back what there is', async () => {
      await join();
      let release = (): void => undefined;
      const late = new Promise<void>((resolve) => (release = resolve));
      instead(
        on('/backfill/', async () => {
          await late;
          return {};
        }),
      );
      expect((await page()).chunk).toHaveLength(1);
      // Nor is it asked for again at once.
      const before = sentTo('/backfill/').length;
      expect((await page()).chunk).toHaveLength(1);
      expect(sentTo('/backfill/').length).toBe(before);
      release();
    });

    it('of an event is that event, or none', async () => {
      await join();
      const other = room.make('m.room.message', { body: 'other' });
      const eventId = `$${'b'.repeat(43)}`;
      instead(on('/event/', () => ({ body: { pdus: [other.pdu] } })));
      await bob.call('getOneRoomEvent', { params: { roomId: room.roomId, eventId } }, { expect: 404 });
      await bob.call('getEventContext', { params: { roomId: room.roomId, eventId: 'nonsense' } }, { expect: 404 });
    });

    it('of events that clients think up is not asked for without end', async () => {
      await join();
      const eventIds = Array.from({ length: 60 }, (_, i) => `$${String(i).padStart(43, 'c')}`);
      for (const eventId of eventIds)
        await bob.call('getOneRoomEvent', { params: { roomId: room.roomId, eventId } }, { expect: 404 });
      const asked = sentTo('/event/').length;
      expect(asked).toBeGreaterThan(0);
      expect(asked).toBeLessThan(50);
    });

    it('near a time is near it', async () => {
      await join();
      const far = room.add('m.room.message', { body: 'far' });
      instead((request) => {
        if (request.url.includes('/timestamp_to_event/'))
          return { body: { event_id: far.eventId, origin_server_ts: 5 } };
        if (request.url.includes('/event/')) return { body: { pdus: [far.pdu] } };
        return undefined;
      });
      const query = { ts: '10', dir: 'b' };
      await bob.call('getEventByTimestamp', { params: { roomId: room.roomId }, query }, { expect: 404 });
    });
  });
});
