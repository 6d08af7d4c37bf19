import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it } from 'vitest';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';
const two = 'two.test';
const minute = 60_000;
const hour = 60 * minute;

describeDatabases((open) => {
  const begin = (...servers: string[]): Promise<SendingWorld> => SendingWorld.begin(open, ...servers);

  describe('a server that fails', () => {
    it('is left alone, keeps nobody waiting, and is sent the newest of each room when it comes back', async () => {
      const world = await begin(one, two);
      await world.fill(8, [one]);
      world.peers.dies(one, hour);
      for (let i = 0; i < 5; i++) await world.send(7, `seven ${i}`);
      await world.send(8, 'eight');
      await world.idle();
      expect(world.peers.events(two)).toHaveLength(5);
      const { length } = world.peers.tries;
      for (let i = 5; i < 200; i++) await world.send(7, `seven ${i}`);
      await world.pass(30 * minute);
      expect(world.peers.tries.filter(({ destination }) => destination === one)).toHaveLength(1);
      expect(world.peers.tries.length).toBeGreaterThan(length);
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(['eight', 'seven 199']);
      await world.send(7, 'live again');
      await world.idle();
      expect(world.peers.events(one)).toEqual(['eight', 'seven 199', 'live again']);
      expect(world.sending.outbound.isBehind(one)).toBe(false);
    });

    it('is tried again when its time has come', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'hello');
      await world.idle();
      world.peers.behaves(one, undefined);
      await world.pass(59 * minute);
      expect(world.peers.events(one)).toEqual([]);
      await world.pass(2 * minute);
      expect(world.peers.events(one)).toEqual(['hello']);
    });

    it('is not tried again if it may not be spoken to any more', async () => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      await world.send(7, 'hello');
      await world.idle();
      world.allowed = new Set([two]);
      const { length } = world.peers.tries;
      world.peers.comesBack(one);
      await world.restart();
      await world.pass(2 * hour, 10 * minute);
      expect(world.peers.tries).toHaveLength(length);
      world.allowed = undefined;
      await world.pass(minute);
      expect(world.peers.events(one)).toEqual(['hello']);
    });

    it('is tried again soon if its time came while that was noted', async () => {
      const world = await begin(one);
      world.peers.dies(one, 0);
      await world.send(7, 'hello');
      await world.idle();
      world.peers.behaves(one, undefined);
      await world.pass(1_000);
      expect(world.peers.events(one)).toEqual(['hello']);
    });

    it('costs nothing while it is dead: a thousand of them, no tries, no rows for events, no timers', async () => {
      const dead = Array.from({ length: 1_000 }, (_, i) => `dead${i}.test`);
      const world = await begin(two);
      await world.database.transact((writer) => world.servers.assume(writer, 7 as never, dead, 1));
      for (const name of dead) world.peers.dies(name, 24 * hour);
      await world.send(7, 'first');
      await world.idle();
      await world.sending.outbound.flush();
      const [tries, timers] = [world.peers.tries.length, world.time.waiting];
      expect(tries).toBe(1_001);
      for (let i = 0; i < 50; i++) await world.send(7, `more ${i}`);
      await world.pass(hour, 10 * minute);
      expect(world.peers.events(two)).toHaveLength(51);
      expect(world.peers.tries.length - tries).toBe(world.peers.taken.get(two)!.length - 1);
      expect(world.time.waiting).toBeLessThanOrEqual(timers);
      expect(world.sending.outbound.pending).toEqual({ destinations: 0, pdus: 0, edus: 0 });
      const rows = await world.database.reader.get<{ rooms: number }>(
        sql`SELECT COUNT(*) AS rooms FROM outbound_rooms`,
      );
      expect(rows?.rooms).toBe(1);
    });

    it('that hangs keeps nobody else waiting', async () => {
      const hanging = Array.from({ length: 300 }, (_, i) => `hangs${i}.test`);
      const world = await begin();
      await world.database.transact((writer) => world.servers.assume(writer, 7 as never, [...hanging, one], 1));
      for (const name of hanging) world.peers.behaves(name, () => new Promise(() => {}));
      await world.send(7, 'hello');
      for (let i = 0; i < 10 && world.peers.events(one).length === 0; i++) {
        await world.until(() => world.peers.tries.length >= Math.min(301, (i + 1) * 100));
        world.time.advance(5_000);
      }
      expect(world.peers.events(one)).toEqual(['hello']);
      await world.sending.outbound.stop();
    });

    it('too slow for what is sent gets the newest instead, and memory stays bounded', async () => {
      const world = await begin(one);
      let release = (): void => {};
      world.peers.behaves(one, async (_transaction, take) => {
        await new Promise<void>((resolve) => (release = resolve));
        take();
      });
      await world.send(7, 'first');
      await world.until(() => world.peers.tries.length === 1);
      for (let i = 0; i < 1_200; i++) await world.send(7, `more ${i}`);
      expect(world.sending.outbound.pending.pdus).toBeLessThanOrEqual(500);
      world.peers.behaves(one, undefined);
      release();
      await world.idle();
      expect(world.peers.events(one).at(-1)).toBe('more 1199');
      expect(world.peers.events(one).length).toBeLessThan(600);
    });

    it('is not sent what was said before it came into the room', async () => {
      const world = await begin(one);
      world.peers.dies(two, hour);
      await world.fill(8, [two]);
      await world.send(8, 'for two');
      await world.idle();
      await world.send(7, 'not for two');
      await world.fill(7, [two]);
      world.peers.comesBack(two);
      await world.idle();
      expect(world.peers.events(two)).toEqual(['for two']);
    });

    it('gets the last event that made it leave a room when it comes back', async () => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      await world.send(7, 'kick', { userId: `@a:${one}`, from: 'join', to: 'leave' });
      await world.fill(7, [one]);
      await world.send(7, 'ban', { userId: `@a:${one}`, from: 'join', to: 'ban' });
      await world.idle();
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(['ban']);
    });

    it('gets the event that made it leave when it comes back', async () => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      await world.send(7, 'before');
      await world.send(7, 'kick', { userId: `@a:${one}`, from: 'join', to: 'ban' });
      await world.send(7, 'after');
      await world.restart();
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(['kick']);
    });
  });
});
