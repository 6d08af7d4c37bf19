import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it } from 'vitest';
import { roomServersMigrations } from '../room-servers/index.ts';
import { largestTransaction, mostEdus, mostPdus } from './item.ts';
import { federationOutboundMigrations } from './migrations.ts';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';

describeDatabases((open) => {
  /** The server is at its first transaction until it is let go. */
  async function beginHeld(): Promise<{ world: SendingWorld; letGo: () => Promise<void> }> {
    const world = new SendingWorld(await open([...roomServersMigrations, ...federationOutboundMigrations]));
    world.ownRooms.add(7);
    await world.start();
    await world.fill(7, [one]);
    const held = Promise.withResolvers<void>();
    world.peers.behaves(one, async (_transaction, take) => {
      await held.promise;
      take();
    });
    await world.send(7, 'first');
    await world.until(() => world.peers.tries.length === 1);
    const letGo = async (): Promise<void> => {
      held.resolve();
      world.peers.behaves(one, undefined);
      await world.idle();
    };
    return { world, letGo };
  }

  describe('a transaction', () => {
    it('has no more than some megabytes, in one item or several', async () => {
      const { world, letGo } = await beginHeld();
      const sizes = [0.9, 0.9, 0.9, 0.9, 1.5, 0.1, 0.1].map((part) => Math.floor(part * largestTransaction));
      for (const [i, size] of sizes.entries()) await world.toDevice([one], { n: `${i}`, text: 'x'.repeat(size) });
      await letGo();
      expect(world.peers.edus(one).map(({ content }) => content['n'])).toEqual(sizes.map((_size, i) => `${i}`));
      for (const { pdus, edus } of world.peers.taken.get(one)!) {
        const size = JSON.stringify({ pdus, edus }).length;
        if (pdus.length + edus.length > 1) expect(size).toBeLessThan(largestTransaction + 1_000);
      }
    });

    it('has no more than 50 events', async () => {
      const { world, letGo } = await beginHeld();
      for (let i = 0; i < 120; i++) await world.send(7, `event ${i}`);
      await letGo();
      expect(world.peers.events(one)).toHaveLength(121);
      expect(Math.max(...world.peers.taken.get(one)!.map(({ pdus }) => pdus.length))).toBe(mostPdus);
    });

    it('has no more than 100 EDUs, of whatever kind', async () => {
      const { world, letGo } = await beginHeld();
      for (let i = 0; i < 70; i++) await world.toDevice([one], { n: `${i}` });
      for (let i = 0; i < 70; i++)
        world.sending.outbound.sendSoon([one], { edu_type: 'm.typing', content: { user_id: `@u${i}:here.test` } });
      for (let i = 0; i < 70; i++) await world.deviceChange(1, `D${i}`, 0);
      await letGo();
      expect(Math.max(...world.peers.taken.get(one)!.map(({ edus }) => edus.length))).toBe(mostEdus);
      const counts = Object.groupBy(world.peers.edus(one), ({ edu_type }) => edu_type);
      for (const type of ['m.direct_to_device', 'm.typing', 'm.device_list_update'])
        expect([type, counts[type]?.length]).toEqual([type, 70]);
    });
  });

  it('nothing is sent to this server itself', async () => {
    const { world, letGo } = await beginHeld();
    await world.toDevice(['here.test', one], { n: '1' });
    world.sending.outbound.sendSoon(['here.test'], { edu_type: 'm.typing', content: {} });
    world.sending.outbound.greet('here.test');
    await letGo();
    expect(new Set(world.peers.tries.map(({ destination }) => destination))).toEqual(new Set([one]));
    expect(world.peers.edus(one)).toHaveLength(1);
  });
});
