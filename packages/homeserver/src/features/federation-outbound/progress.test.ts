import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it, vi } from 'vitest';
import { OutboundStore } from './outbound-store.ts';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';
const two = 'two.test';
const second = 1_000;
const hour = 3_600_000;

describeDatabases((open) => {
  const begin = (...servers: string[]): Promise<SendingWorld> => SendingWorld.begin(open, ...servers);

  const cursors = async (world: SendingWorld): Promise<Map<string, number>> => {
    const { byDestination, mark = -1 } = await world.sending.store.cursors();
    return new Map([...byDestination, ['', mark]]);
  };
  const partings = (world: SendingWorld): Promise<unknown[]> =>
    world.database.reader.all(sql`SELECT event FROM outbound_partings`);

  describe('a server that is slow', () => {
    it('has a position of its own, the others go on; after a crash each is sent what it has not taken', async () => {
      const world = await begin(one, two);
      world.peers.holds(one);
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

    it('has one too if it takes something first, and then nothing more', async () => {
      const world = await begin(one, two);
      const letGo = world.peers.holds(one);
      await world.send(7, 'first');
      await world.until(() => world.peers.tries.length === 2);
      for (const name of ['second', 'third']) await world.send(7, name);
      letGo(false);
      await world.until(() => world.peers.events(one).length === 1 && world.peers.events(two).length === 3);
      world.time.advance(second);
      await world.sending.outbound.flush();
      world.time.advance(25 * second);
      await world.sending.outbound.flush();
      const noted = await cursors(world);
      expect(noted.get('')).toBe(world.streams.current());
      expect(noted.get(one)).toBeLessThan(world.streams.current());
    });

    it('and takes a part of what waits gets the rest, though the server crashes then', async () => {
      const world = await begin(one, two);
      const rooms = Array.from({ length: 80 }, (_, i) => 100 + i);
      for (const room of rooms) await world.fill(room, [one, two]);
      const letGo = world.peers.holds(one);
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
      const letGo = world.peers.holds(one);
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

  it('more than memory holds may come while it is looked what a server has missed', async () => {
    const world = await begin(one);
    await world.fill(8, [one]);
    world.peers.dies(one, hour);
    await world.toDevice([one], { n: '1' });
    await world.idle();
    const { deviceListsAfter } = OutboundStore.prototype;
    const looking = vi.spyOn(OutboundStore.prototype, 'deviceListsAfter').mockImplementationOnce(async function (
      this: OutboundStore,
      ...after
    ) {
      await world.send(8, 'eight');
      for (let i = 0; i < 510; i++) await world.send(7, `seven ${i}`);
      return deviceListsAfter.apply(this, after);
    });
    world.peers.comesBack(one);
    await world.idle();
    looking.mockRestore();
    expect(world.peers.events(one)).toEqual(['eight', 'seven 509']);
    expect(world.sending.outbound.isBehind(one)).toBe(false);
  });

  it('much may come after something that is not durable yet, while a server catches up', async () => {
    const world = await begin(one);
    const rooms = Array.from({ length: 70 }, (_, i) => 100 + i);
    for (const room of rooms) await world.fill(room, [one]);
    world.peers.dies(one, hour);
    await world.send(7, 'first');
    await world.idle();
    let isDurable = (): void => {};
    world.streams.next({ onDurable: (task: () => void) => (isDurable = task), onRollback() {} } as never);
    for (const room of rooms) await world.send(room, `in ${room}`);
    world.peers.comesBack(one);
    await world.until(() => world.peers.events(one).length === 1);
    for (let turns = 0; turns < 20; turns++) {
      world.time.advance(100);
      await world.until(() => true);
    }
    isDurable();
    await world.passUntilIdle(10);
    expect(world.peers.events(one)).toEqual(['first', ...rooms.map((room) => `in ${room}`)]);
  });

  it('what is not here any more keeps nothing from a server that comes back', async () => {
    const world = await begin(one);
    const rooms = Array.from({ length: 70 }, (_, i) => 100 + i);
    for (const room of rooms) await world.fill(room, [one]);
    world.peers.dies(one, hour);
    await world.toDevice([one], { n: '1' });
    await world.idle();
    await world.database.transact(async (writer) => {
      for (const room of rooms)
        await world.sending.store.putEvent(writer, room as never, world.streams.next(writer), 999_999 as never);
    });
    await world.send(7, 'here');
    world.peers.comesBack(one);
    await world.idle();
    expect(world.peers.events(one)).toEqual(['here']);
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

    it('is noted of one that is behind too: what it took before a crash is not sent again', async () => {
      const world = await begin(one);
      const rooms = Array.from({ length: 80 }, (_, i) => 100 + i);
      for (const room of rooms) await world.fill(room, [one]);
      world.peers.dies(one, hour);
      for (const room of rooms) await world.send(room, `in ${room}`);
      await world.idle();
      await world.sending.outbound.flush();
      world.peers.comesBack(one);
      const letGo = world.peers.holds(one);
      await world.until(() => world.peers.tries.length === 2);
      letGo(false);
      await world.until(() => world.peers.tries.length === 3);
      await world.sending.outbound.flush();
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.events(one)).toEqual(rooms.map((room) => `in ${room}`));
    });

    it('is that of all for one that has caught up and only lacks messages to devices', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'missed');
      for (let n = 0; n < 250; n++) await world.toDevice([one], { n: `${n}` });
      await world.idle();
      await world.sending.outbound.flush();
      world.peers.comesBack(one);
      const letGo = world.peers.holds(one);
      await world.until(() => world.peers.tries.length === 2);
      // What may have arrived goes alone, then the event with the next ones, then what is left.
      letGo(false);
      await world.until(() => world.peers.tries.length === 3);
      letGo(false);
      await world.until(() => world.peers.tries.length === 4);
      expect(world.peers.events(one)).toEqual(['missed']);
      await world.sending.outbound.flush();
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.events(one)).toEqual(['missed']);
      expect(world.peers.edus(one)).toHaveLength(250);
    });

    it('is noted later if the database does not take it', async () => {
      const world = await begin(one);
      const { store } = world.sending;
      const putCursors = store.putCursors.bind(store);
      let failures = 0;
      store.putCursors = async () => {
        store.putCursors = putCursors;
        failures++;
        throw new Error('not now');
      };
      await world.send(7, 'hello');
      await world.idle();
      await world.pass(6 * second);
      await expect.poll(() => failures).toBe(1);
      expect((await cursors(world)).get('')).toBeLessThan(world.streams.current());
      await world.pass(6 * second);
      await expect.poll(async () => (await cursors(world)).get('')).toBe(world.streams.current());
    });

    it('never goes back, and is never beyond what somebody lacks who has no position of his own', async () => {
      const world = await begin(one, two);
      let before = -1;
      const letGo = world.peers.holds(one);
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
