import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it } from 'vitest';
import { mostEdus, mostPdus } from './item.ts';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';
const two = 'two.test';
const hour = 3_600_000;

describeDatabases((open) => {
  const begin = (...servers: string[]): Promise<SendingWorld> => SendingWorld.begin(open, ...servers);

  const devicesOf = (world: SendingWorld, server: string): unknown[] =>
    world.peers.edus(server).flatMap(({ content }) => content['device_id'] ?? []);

  describe('a server that comes back', () => {
    it('is sent the newest of each room once and in order, of whatever kind and however many', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'unheard');
      await world.idle();
      const [events, devices]: [string[], string[]] = [[], []];
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

    it.each([
      [['rooms', 'devices', 'partings']],
      [['devices', 'partings', 'rooms']],
      [['partings', 'rooms', 'devices']],
      [['rooms']],
      [['devices']],
      [['partings']],
    ])('is sent what it missed in the order in which it came: %j', async (kinds) => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      await world.send(7, 'unheard');
      await world.idle();
      const [events, devices]: [string[], string[]] = [[], []];
      for (const kind of kinds) {
        for (let i = 0; i < (kind === 'devices' ? 130 : 70); i++) {
          const name = `${kind} ${i}`;
          const room = i + (kind === 'rooms' ? 100 : 200);
          if (kind === 'devices') {
            await world.deviceChange(1, name, 0);
            devices.push(name);
            continue;
          }
          await world.fill(room, [one]);
          if (kind === 'rooms') await world.send(room, name);
          else await world.send(room, name, { userId: `@a:${one}`, from: 'join', to: 'leave' });
          events.push(name);
        }
      }
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(['unheard', ...events]);
      expect(devicesOf(world, one)).toEqual(devices);
    });

    it('is not told of devices of users with whom it shares no room', async () => {
      const world = await begin(one);
      world.roomsOfSecond.add(8);
      await world.fill(8, [two]);
      world.peers.dies(two, hour);
      await world.send(8, 'unheard');
      await world.deviceChange(1, 'FIRST', 0);
      await world.deviceChange(2, 'SECOND', 0);
      await world.idle();
      world.peers.comesBack(two);
      await world.idle();
      expect(devicesOf(world, two)).toEqual(['SECOND']);
      expect(devicesOf(world, one)).toEqual(['FIRST']);
    });

    describe('among a thousand rooms and devices that do not concern it', () => {
      async function addOthers(world: SendingWorld): Promise<void> {
        const { store } = world.sending;
        const user = 3 as never;
        await world.database.transact(async (writer) => {
          for (let i = 0; i < 1_100; i++) {
            await store.putEvent(writer, (1_000 + i) as never, world.streams.next(writer), 1 as never);
            const item = { user, deviceId: `D${i}`, position: world.streams.next(writer), previous: 0 };
            await store.putDeviceLists(writer, [{ kind: 'device-list', ...item }]);
          }
        });
      }

      it('is sent what it missed', async () => {
        const world = await begin(one);
        world.peers.dies(one, hour);
        await world.toDevice([one], { n: '1' });
        await world.idle();
        await addOthers(world);
        await world.send(7, 'new');
        await world.deviceChange(1, 'NEW', 0);
        world.peers.comesBack(one);
        await world.idle();
        expect(world.peers.events(one)).toEqual(['new']);
        expect(devicesOf(world, one)).toEqual(['NEW']);
      });

      it('is sent what it lacked before a crash', async () => {
        const world = await begin(one);
        world.roomsOfSecond.add(8);
        await world.fill(8, [two]);
        await addOthers(world);
        for (const server of [one, two]) world.peers.holds(server);
        await world.send(7, 'new');
        await world.deviceChange(2, 'NEW', 0);
        await world.until(() => world.peers.tries.length === 2);
        for (const server of [one, two]) world.peers.behaves(server, undefined);
        await world.start();
        await world.idle();
        expect(world.peers.events(one)).toEqual(['new']);
        expect(devicesOf(world, two)).toEqual(['NEW']);
      });
    });

    it('is told of rooms that it was put out of in the order in which that became known', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.toDevice([one], { n: '1' });
      await world.idle();
      const made: { nid: number; eventId: string }[] = [];
      for (let i = 0; i < 120; i++) made.push(await world.send(9, `out ${i}`));
      await world.database.transact(async (writer) => {
        for (const [i, { nid }] of made.toReversed().entries())
          await world.sending.store.putPartings(writer, [one], (300 + i) as never, world.streams.next(writer), [
            nid as never,
          ]);
      });
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one)).toEqual(made.toReversed().map(({ eventId }) => eventId));
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
      const long = 'y'.repeat(2_000_000);
      const ends = Array.from({ length: 14 }, (_, i) => `${i} ${'x'.repeat(150_000)}`);
      await world.fill(9, [one]);
      await world.send(9, long);
      await world.resolveOut(7, 'theirs', `@a:${one}`, `@a:${two}`, ends);
      await world.idle();
      world.peers.comesBack(one);
      await world.idle();
      expect(new Set(world.peers.events(one))).toEqual(new Set([long, 'theirs', ...ends]));
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
      const letGo = world.peers.holds(one);
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
      world.peers.holds(one);
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
});
