import { describeFederations, type Json } from '@myelin/testkit';
import { describe, expect, it } from 'vitest';
import { HostileWorld, on } from './testing/hostile-world.ts';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  const world = new HostileWorld(start);

  describe('history', () => {
    const page = (): Promise<Json> =>
      world.bob.call('getRoomEvents', { params: { roomId: world.room.roomId }, query: { dir: 'b', limit: '20' } });

    it('that is wrong is left out, event by event', async () => {
      const good = world.room.add('m.room.message', { body: 'good' });
      await world.join();
      const forged = { ...world.room.make('m.room.message', { body: 'forged' }).pdu, signatures: {} };
      const foreign = new PeerRoom(world.peer).add('m.room.message', { body: 'of another room' }).pdu;
      const byNobody = world.room.make('m.room.message', { body: 'by nobody' }, undefined, {
        sender: `@stranger:${world.peer.serverName}`,
      }).pdu;
      world.instead(
        on('/backfill/', () => ({
          body: { pdus: [null, 7, forged, foreign, byNobody, ...world.room.events.map(({ pdu }) => pdu).reverse()] },
        })),
      );
      const bodies = ((await page()).chunk as Json[]).map((event) => event.content.body);
      expect(bodies).toContain('good');
      for (const bad of ['forged', 'of another room', 'by nobody']) expect(bodies).not.toContain(bad);
      expect(
        await world.bob.call('getOneRoomEvent', { params: { roomId: world.room.roomId, eventId: good.eventId } }),
      ).toMatchObject({
        content: { body: 'good' },
      });
    });

    it('that does not come does not keep back what there is', async () => {
      await world.join();
      let release = (): void => undefined;
      const late = new Promise<void>((resolve) => (release = resolve));
      world.instead(
        on('/backfill/', async () => {
          await late;
          return {};
        }),
      );
      expect((await page()).chunk).toHaveLength(1);
      // Nor is it asked for again at once.
      const before = world.sentTo('/backfill/').length;
      expect((await page()).chunk).toHaveLength(1);
      expect(world.sentTo('/backfill/').length).toBe(before);
      release();
    });

    it('of an event is that event, or none', async () => {
      await world.join();
      const other = world.room.make('m.room.message', { body: 'other' });
      const eventId = `$${'b'.repeat(43)}`;
      world.instead(on('/event/', () => ({ body: { pdus: [other.pdu] } })));
      await world.bob.call('getOneRoomEvent', { params: { roomId: world.room.roomId, eventId } }, { expect: 404 });
      await world.bob.call(
        'getEventContext',
        { params: { roomId: world.room.roomId, eventId: 'nonsense' } },
        { expect: 404 },
      );
    });

    it('of events that clients think up is not asked for without end', async () => {
      await world.join();
      const eventIds = Array.from({ length: 60 }, (_, i) => `$${String(i).padStart(43, 'c')}`);
      for (const eventId of eventIds)
        await world.bob.call('getOneRoomEvent', { params: { roomId: world.room.roomId, eventId } }, { expect: 404 });
      const asked = world.sentTo('/event/').length;
      expect(asked).toBeGreaterThan(0);
      expect(asked).toBeLessThan(50);
    });

    it('near a time is near it', async () => {
      await world.join();
      const far = world.room.add('m.room.message', { body: 'far' });
      world.instead((request) => {
        if (request.url.includes('/timestamp_to_event/'))
          return { body: { event_id: far.eventId, origin_server_ts: 5 } };
        if (request.url.includes('/event/')) return { body: { pdus: [far.pdu] } };
        return undefined;
      });
      const query = { ts: '10', dir: 'b' };
      await world.bob.call('getEventByTimestamp', { params: { roomId: world.room.roomId }, query }, { expect: 404 });
    });
  });
});
