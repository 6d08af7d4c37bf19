import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it } from 'vitest';
import { roomServersMigrations } from '../room-servers/index.ts';
import { mostEdus, mostPdus } from './item.ts';
import { federationOutboundMigrations } from './migrations.ts';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';
const two = 'two.test';
const second = 1_000;
const hour = 3_600_000;

describeDatabases((open) => {
  async function begin(...servers: string[]): Promise<SendingWorld> {
    const world = new SendingWorld(await open([...roomServersMigrations, ...federationOutboundMigrations]));
    world.ownRooms.add(7);
    await world.start();
    await world.fill(7, servers);
    return world;
  }

  /** Nothing is taken until it is let go, then the first transaction is, and with `all` those after it. */
  function hold(world: SendingWorld, server: string): (all?: boolean) => void {
    let letGo = Promise.withResolvers<void>();
    world.peers.behaves(server, async (_transaction, take) => {
      await letGo.promise;
      take();
    });
    return (all = true) => {
      const { resolve } = letGo;
      letGo = Promise.withResolvers<void>();
      if (all) world.peers.behaves(server, undefined);
      resolve();
    };
  }

  const cursors = async (world: SendingWorld): Promise<Map<string, number>> => {
    const { byDestination, mark = -1 } = await world.sending.store.cursors();
    return new Map([...byDestination, ['', mark]]);
  };
  const partings = (world: SendingWorld): Promise<unknown[]> =>
    world.database.reader.all(sql`SELECT event FROM outbound_partings`);
  const devicesOf = (world: SendingWorld, server: string): unknown[] =>
    world.peers.edus(server).map(({ content }) => content['device_id']);

  describe('a server that comes back', () => {
    it('is sent the newest of each room once and in order, of whatever kind and however many', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'unheard');
      await world.idle();
      const [events, devices]: string[][] = [[], []];
      for (let i = 0; i < 130; i++) {
        const room = 100 + i;
        await world.fill(room, [one]);
        if (i % 2 === 0) await world.send(room, `old ${i}`);
        await world.send(room, `new ${i}`);
        events.push(`new ${i}`);
        if (i % 3 === 0) {
          await world.send(room, `out ${i}`, { userId: `@a:${one}`, from: 'join', to: 'leave' });
          events.splice(-1, 1, `out ${i}`);
        }
        await world.deviceChange(1, `D${i}`, 0);
        devices.push(`D${i}`);
      }
      await world.send(7, 'last');
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual([...events, 'last']);
      expect(devicesOf(world, one)).toEqual(devices);
      for (const { pdus, edus } of world.peers.taken.get(one)!) {
        expect(pdus.length).toBeLessThanOrEqual(mostPdus);
        expect(edus.length).toBeLessThanOrEqual(mostEdus);
      }
      expect(world.sending.outbound.isBehind(one)).toBe(false);
    });

    it('is told all ends of a room that put it out, though they do not fit into the transaction', async () => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      const ends = Array.from({ length: 19 }, (_, i) => `end ${i}`);
      const expected: string[] = [];
      for (let i = 0; i < 8; i++) {
        await world.fill(20 + i, [one, two]);
        await world.resolveOut(
          20 + i,
          `theirs ${i}`,
          `@a:${one}`,
          `@a:${two}`,
          ends.map((end) => `${end} of ${i}`),
        );
        expected.push(`theirs ${i}`, ...ends.map((end) => `${end} of ${i}`));
        await world.fill(40 + i, [one]);
        await world.send(40 + i, `between ${i}`);
        expected.push(`between ${i}`);
      }
      await world.idle();
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one).toSorted()).toEqual(expected.toSorted());
    });

    it('is told all ends of a room though they are too long for one transaction', async () => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      const ends = Array.from({ length: 30 }, (_, i) => `${i} ${'x'.repeat(150_000)}`);
      await world.fill(9, [one]);
      await world.send(9, 'before');
      await world.send(7, 'y'.repeat(2_000_000));
      await world.resolveOut(7, 'theirs', `@a:${one}`, `@a:${two}`, ends.slice(0, 14));
      await world.idle();
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one).toSorted()).toEqual(['before', 'theirs', ...ends.slice(0, 14)].toSorted());
    });

    it('is sent nothing twice while something earlier is not durable yet', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'unheard');
      await world.idle();
      // A transaction that takes long.
      let isDurable = (): void => {};
      world.streams.next({ onDurable: (task: () => void) => (isDurable = task), onRollback() {} } as never);
      await world.send(7, 'first');
      await world.deviceChange(1, 'PHONE', 0);
      world.peers.comesBack(one);
      await world.idle();
      await world.send(7, 'second');
      await world.idle();
      isDurable();
      await world.send(7, 'third');
      await world.idle();
      expect(world.peers.events(one)).toEqual(['first', 'second', 'third']);
      expect(devicesOf(world, one)).toEqual(['PHONE']);
    });

    it('is sent what comes while it catches up, once, and is live then', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'unheard');
      await world.idle();
      world.peers.comesBack(one);
      const letGo = hold(world, one);
      await world.until(() => world.peers.tries.length === 2);
      letGo();
      for (let i = 0; i < 30; i++) {
        await world.send(7, `meanwhile ${i}`);
        if (i % 10 === 9) await world.until(() => world.peers.events(one).length >= i / 10);
      }
      await world.idle();
      const events = world.peers.events(one);
      expect(events.at(-1)).toBe('meanwhile 29');
      expect(new Set(events).size).toBe(events.length);
      expect(world.sending.outbound.isBehind(one)).toBe(false);
    });

    it('gets messages to devices although the database did not answer once', async () => {
      const world = await begin(one);
      const { edus } = world.sending;
      const oldest = edus.oldest.bind(edus);
      edus.oldest = async () => {
        edus.oldest = oldest;
        throw new Error('not now');
      };
      await world.toDevice([one], { n: '1' });
      await world.idle();
      expect(world.peers.tries).toEqual([]);
      await world.pass(hour);
      expect(world.peers.edus(one).map(({ content }) => content['n'])).toEqual(['1']);
    });
  });

  describe('a server that speaks on in a room that it was put out of', () => {
    /** It was put out by another; everything before that has been noted as sent. */
    async function putOut(): Promise<SendingWorld> {
      const world = await begin(one, two);
      await world.send(7, 'kicked', { userId: `@a:${one}`, from: 'join', to: 'leave' }, `@a:${two}`);
      await world.send(7, 'after');
      await world.idle();
      await world.sending.outbound.flush();
      expect(world.peers.events(one)).toEqual([]);
      return world;
    }

    it('is told that, once', async () => {
      const world = await putOut();
      for (let i = 0; i < 3; i++) await world.sending.farewells.tell(7 as never, one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(['kicked']);
      expect(world.peers.events(two)).toEqual(['after']);
    });

    it('is told that though this server crashes before it could', async () => {
      const world = await putOut();
      hold(world, one);
      await world.sending.farewells.tell(7 as never, one);
      await world.until(() => world.peers.tries.some(({ destination }) => destination === one));
      await world.sending.outbound.flush();
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.events(one)).toEqual(['kicked']);
    });

    it('is told that when it comes back, though it lacked nothing before', async () => {
      const world = await putOut();
      world.peers.dies(one, hour);
      await world.toDevice([one], { n: '1' });
      await world.idle();
      await world.sending.farewells.tell(7 as never, one);
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(['kicked']);
    });
  });

  describe('a server that is slow', () => {
    it('has a position of its own, the others go on; after a crash each is sent what it has not taken', async () => {
      const world = await begin(one, two);
      hold(world, one);
      await world.send(7, 'waits');
      await world.until(() => world.peers.events(two).length === 1);
      world.time.advance(10 * second);
      await world.sending.outbound.flush();
      expect((await cursors(world)).has(one)).toBe(false);
      world.time.advance(15 * second);
      await world.send(7, 'more');
      await world.until(() => world.peers.events(two).length === 2);
      world.time.advance(6 * second);
      await world.sending.outbound.flush();
      const noted = await cursors(world);
      expect(noted.get('')).toBe(world.streams.current());
      expect(noted.get(one)).toBeLessThan(world.streams.current() - 1);
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.events(one)).toEqual(['more']);
      expect(world.peers.events(two)).toEqual(['waits', 'more']);
    });

    it('and takes a part of what waits gets the rest, though the server crashes then', async () => {
      const world = await begin(one, two);
      const rooms = Array.from({ length: 80 }, (_, i) => 100 + i);
      for (const room of rooms) await world.fill(room, [one, two]);
      const letGo = hold(world, one);
      await world.send(7, 'waits');
      await world.until(() => world.peers.tries.length === 2);
      for (const room of rooms) await world.send(room, `in ${room}`);
      await world.until(() => world.peers.events(two).length === 81);
      world.time.advance(25 * second);
      await world.sending.outbound.flush();
      // It takes the first two transactions, and not the third.
      letGo(false);
      await world.until(() => world.peers.events(one).length === 1);
      letGo(false);
      await world.until(() => world.peers.events(one).length === 51);
      await world.sending.outbound.flush();
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(new Set(world.peers.events(one))).toEqual(new Set(['waits', ...rooms.map((room) => `in ${room}`)]));
      expect(world.peers.events(two)).toHaveLength(81);
    });

    it('gets the newest of each room when too much waits, those of rooms that it was put out of too', async () => {
      const world = await begin(one, two);
      await world.fill(8, [one]);
      await world.fill(9, [one]);
      const letGo = hold(world, one);
      await world.send(8, 'eight');
      await world.until(() => world.peers.tries.length === 1);
      await world.send(9, 'out', { userId: `@a:${one}`, from: 'join', to: 'ban' });
      for (let i = 0; i < 600; i++) {
        await world.send(7, `more ${i}`);
        if (i % 100 === 99) await world.until(() => world.peers.events(two).length === i + 1);
      }
      await world.sending.outbound.flush();
      letGo();
      await world.idle();
      const events = world.peers.events(one);
      expect(events).toContain('out');
      expect(events.at(-1)).toBe('more 599');
      expect(events.length).toBeLessThan(10);
      expect(world.peers.events(two)).toEqual(Array.from({ length: 600 }, (_, i) => `more ${i}`));
    });
  });

  describe('how far everybody has come', () => {
    it('is noted within some seconds: after a crash nothing of that is sent again', async () => {
      const world = await begin(one, two);
      world.peers.dies(two, 12 * second);
      await world.send(7, 'hello');
      await world.deviceChange(1, 'PHONE', 0);
      await world.idle();
      world.peers.behaves(two, undefined);
      await world.pass(60 * second, second);
      await expect.poll(async () => [...(await cursors(world))]).toEqual([['', world.streams.current()]]);
      await world.start();
      await world.idle();
      for (const server of [one, two]) expect(world.peers.events(server)).toEqual(['hello']);
    });

    it('never goes back, and is never beyond what somebody lacks who has no position of his own', async () => {
      const world = await begin(one, two);
      let before = -1;
      const letGo = hold(world, one);
      for (let i = 0; i < 12; i++) {
        await world.send(7, `event ${i}`);
        await world.until(() => world.peers.events(two).length === i + 1);
        if (i === 6) letGo(false);
        world.time.advance(7 * second);
        await world.sending.outbound.flush();
        const noted = await cursors(world);
        const mark = noted.get('') as number;
        expect(mark).toBeGreaterThanOrEqual(before);
        before = mark;
        const taken = world.peers.events(one).length;
        const first = world.streams.current() - i + taken;
        if (noted.has(one)) expect(noted.get(one)).toBeLessThan(first);
        else expect(mark).toBeLessThan(first);
      }
    });

    it('what servers must see that have left a room is forgotten once all of them have it', async () => {
      const world = await begin(one, two);
      await world.fill(8, [one]);
      world.peers.dies(one, hour);
      await world.send(8, 'out', { userId: `@a:${one}`, from: 'join', to: 'leave' });
      await world.send(7, 'out too', { userId: `@a:${two}`, from: 'join', to: 'leave' });
      await world.idle();
      expect(await partings(world)).toHaveLength(2);
      await world.pass(6 * second, second);
      // What the one that is away must see stays.
      await expect.poll(() => partings(world)).toHaveLength(1);
      await world.restart();
      world.peers.comesBack(one);
      await world.idle();
      await world.pass(6 * second, second);
      expect(world.peers.events(one)).toEqual(['out', 'out too']);
      await expect.poll(() => partings(world)).toEqual([]);
    });
  });
});
