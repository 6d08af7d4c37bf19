import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it, vi } from 'vitest';
import { FederationError } from '../federation-client/index.ts';
import { roomServersMigrations } from '../room-servers/index.ts';
import { federationOutboundMigrations } from './migrations.ts';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';
const two = 'two.test';
const minute = 60_000;
const hour = 60 * minute;

describeDatabases((open) => {
  async function begin(...servers: string[]): Promise<SendingWorld> {
    const world = new SendingWorld(await open([...roomServersMigrations, ...federationOutboundMigrations]));
    world.ownRooms.add(7);
    await world.start();
    await world.fill(7, servers);
    return world;
  }

  describe('messages to devices', () => {
    it('arrive once and in order, though answers are lost and both sides restart', async () => {
      const world = await begin();
      let answers = false;
      world.peers.behaves(one, (_transaction, take) => {
        take();
        if (!answers) throw new FederationError('unreachable', one, 'lost');
      });
      const sent: string[] = [];
      for (let i = 0; i < 250; i++) {
        await world.toDevice([one], { n: `${i}` });
        sent.push(`${i}`);
        if (i % 40 === 0) await world.restart();
        if (i % 30 === 0) await world.idle();
        if (i === 200) answers = true;
      }
      await world.pass(10 * minute);
      const received = world.peers.edus(one).map(({ content }) => content['n']);
      expect(received).toEqual(sent);
      expect(world.peers.taken.get(one)!.every(({ edus }) => edus.length <= 100)).toBe(true);
      // Lost answers: the same transaction again.
      const tried = world.peers.tries.map(({ transaction }) => transaction.txn);
      expect(new Set(tried).size).toBeLessThan(tried.length);
    });

    it('are durable with their cause, and gone when that fails', async () => {
      const world = await begin();
      await world.database
        .transact(async (writer) => {
          await world.sending.outbound.enqueue(writer, [one], { edu_type: 'm.direct_to_device', content: {} });
          throw new Error('no');
        })
        .catch(() => {});
      await world.restart();
      await world.idle();
      expect(world.peers.tries).toEqual([]);
    });

    it('of which too many wait for a dead server lose the oldest, and those of a month ago', async () => {
      const world = await begin();
      world.peers.dies(one, hour);
      for (let i = 0; i < 30; i++) await world.toDevice([one], { n: `${i}` });
      const now = world.time.now();
      await world.sending.edus.trim(now, 10);
      await world.sending.edus.trim(now + 29 * 24 * hour);
      expect(await world.sending.edus.oldest(one, 100)).toHaveLength(10);
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.edus(one).map(({ content }) => content['n'])).toEqual(
        Array.from({ length: 10 }, (_, i) => `${i + 20}`),
      );
      world.peers.dies(two, 40 * 24 * hour);
      await world.toDevice([two], { n: '1' });
      await world.idle();
      // By itself, every hour.
      vi.spyOn(world.time, 'now').mockReturnValue(now + 31 * 24 * hour);
      world.time.advance(hour);
      await expect.poll(() => world.sending.edus.destinations()).toEqual([]);
    });
  });

  describe('something that a server does not take', () => {
    it.each([400, 413, 403])('is set aside alone, what is around it arrives (%i)', async (status) => {
      const world = await begin(one);
      let release = (): void => {};
      world.peers.behaves(one, () => new Promise<void>((resolve) => (release = resolve)));
      await world.send(7, 'first');
      await world.until(() => world.peers.tries.length === 1);
      for (let i = 0; i < 20; i++) await world.send(7, i === 13 ? 'poison' : `fine ${i}`);
      await world.toDevice([one], { n: 'poison' });
      await world.toDevice([one], { n: 'fine' });
      world.peers.refuses(
        one,
        status,
        ({ pdus, edus }) =>
          pdus.some(({ id }) => id === 'poison') || edus.some(({ content }) => content['n'] === 'poison'),
      );
      release();
      await world.idle();
      const fine = Array.from({ length: 20 }, (_, i) => `fine ${i}`).filter((id) => id !== 'fine 13');
      expect(world.peers.events(one)).toEqual(fine);
      expect(world.peers.edus(one).map(({ content }) => content['n'])).toEqual(['fine']);
      const refused = await world.sending.edus.refused(10);
      expect(refused.map(({ item }) => item).toSorted()).toEqual(['m.direct_to_device', 'poison']);
      expect(refused[0]).toMatchObject({ destination: one, status });
      await world.restart();
      await world.idle();
      expect(world.peers.events(one)).toEqual(fine);
    });

    it('that it answers with an internal error, again and again, is set aside too', async () => {
      const world = await begin(one);
      world.peers.refuses(one, 500, ({ pdus }) => pdus.some(({ id }) => id === 'poison'));
      await world.send(7, 'poison');
      await world.pass(5 * minute);
      await world.fill(8, [one]);
      await world.send(8, 'fine');
      await world.pass(hour);
      expect(world.peers.events(one)).toEqual(['fine']);
      expect((await world.sending.edus.refused(10)).map(({ item }) => item)).toEqual(['poison']);
    });

    it('for some time, because of an internal error, is not set aside', async () => {
      const world = await begin(one);
      let failures = 0;
      world.peers.refuses(one, 500, ({ pdus }) => pdus.length > 0 && ++failures <= 2);
      await world.send(7, 'hello');
      await world.pass(5 * minute);
      expect(failures).toBe(3);
      expect(world.peers.events(one)).toEqual(['hello']);
      expect(await world.sending.edus.refused(10)).toEqual([]);
    });

    it('because it takes nothing from us is left for a while, though the server speaks with us', async () => {
      const world = await begin(one);
      world.peers.refuses(one, 403, () => true);
      await world.send(7, 'hello');
      await world.idle();
      const { length } = world.peers.tries;
      for (let i = 0; i < 5; i++) {
        world.peers.speaks(one);
        await world.pass(minute);
      }
      expect(world.peers.tries).toHaveLength(length);
    });

    it('because it takes nothing from us is not set aside', async () => {
      const world = await begin(one);
      world.peers.refuses(one, 403, () => true);
      await world.send(7, 'hello');
      await world.idle();
      const { length } = world.peers.tries;
      await world.send(7, 'newest');
      await world.pass(9 * minute);
      expect(world.peers.tries).toHaveLength(length);
      expect(await world.sending.edus.refused(10)).toEqual([]);
      world.peers.behaves(one, undefined);
      await world.pass(5 * minute);
      expect(world.peers.events(one)).toEqual(['newest']);
    });
  });

  describe('what is of the moment', () => {
    it('goes out at once; a newer one takes the place of one that waits', async () => {
      const world = await begin();
      let release = (): void => {};
      world.peers.behaves(one, async (_transaction, take) => {
        await new Promise<void>((resolve) => (release = resolve));
        take();
      });
      const typing = (n: number): void =>
        world.sending.outbound.sendSoon([one], { edu_type: 'm.typing', content: { n } }, 'typing');
      typing(1);
      await world.until(() => world.peers.tries.length === 1);
      for (let n = 2; n < 9; n++) typing(n);
      world.peers.behaves(one, undefined);
      release();
      await world.idle();
      expect(world.peers.edus(one).map(({ content }) => content['n'])).toEqual([1, 8]);
    });

    it('is dropped for servers that are away, and bounded for those that are slow', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'event');
      await world.idle();
      for (let n = 0; n < 50; n++) world.sending.outbound.sendSoon([one], { edu_type: 'm.typing', content: { n } });
      world.peers.behaves(two, () => new Promise(() => {}));
      for (let n = 0; n < 5_000; n++) world.sending.outbound.sendSoon([two], { edu_type: 'm.typing', content: { n } });
      expect(world.sending.outbound.pending.edus).toBeLessThanOrEqual(500);
      world.peers.comesBack(one);
      await world.until(() => world.peers.events(one).length === 1);
      expect(world.peers.edus(one)).toEqual([]);
      await world.sending.outbound.stop();
    });
  });

  describe('changes of devices', () => {
    it('go to the servers that share rooms with the user, as a chain', async () => {
      const world = await begin(one);
      await world.fill(8, [two]);
      const first = await world.deviceChange(1, 'PHONE', 0);
      const second = await world.deviceChange(1, 'GONE', first);
      await world.deviceChange(1, '', second);
      await world.deviceChange(100, 'REMOTE', 0);
      await world.idle();
      expect(world.peers.edus(two)).toEqual([]);
      expect(world.peers.edus(one)).toEqual([
        {
          edu_type: 'm.device_list_update',
          content: {
            user_id: '@u1:here.test',
            device_id: 'PHONE',
            stream_id: first,
            prev_id: [],
            keys: { algorithms: [] },
          },
        },
        {
          edu_type: 'm.device_list_update',
          content: { user_id: '@u1:here.test', device_id: 'GONE', stream_id: second, prev_id: [first], deleted: true },
        },
        { edu_type: 'm.signing_key_update', content: { user_id: '@u1:here.test', master_key: { m: 1 } } },
      ]);
    });

    it('are told to the servers of a room that the user comes into, with the first event there', async () => {
      const world = await begin(one, two);
      world.peers.dies(two, hour);
      await world.send(7, 'join', { userId: '@u1:here.test', to: 'join' });
      await world.send(7, 'more');
      await world.idle();
      expect(world.peers.events(one)).toEqual(['join', 'more']);
      const [first] = world.peers.taken.get(one)!;
      expect(first?.pdus[0]?.id).toBe('join');
      expect(first?.edus).toHaveLength(1);
      expect(world.peers.edus(one).map(({ content }) => content)).toEqual([
        { user_id: '@u1:here.test', device_id: 'PHONE', stream_id: 3, prev_id: [3], keys: { algorithms: [] } },
      ]);
    });

    it('are told a server that was away, the newest of each device', async () => {
      const world = await begin(one);
      world.peers.dies(one, hour);
      await world.send(7, 'event');
      const positions = [await world.deviceChange(1, 'PHONE', 0)];
      for (let i = 0; i < 250; i++) positions.push(await world.deviceChange(1, `D${i}`, positions.at(-1)!));
      const last = await world.deviceChange(1, 'PHONE', positions.at(-1)!);
      await world.restart();
      world.peers.comesBack(one);
      await world.idle();
      const edus = world.peers.edus(one);
      expect(edus).toHaveLength(251);
      expect(edus.at(-1)?.content).toMatchObject({ device_id: 'PHONE', stream_id: last });
      expect(world.peers.taken.get(one)!.every((each) => each.edus.length <= 100)).toBe(true);
      expect(world.peers.events(one)).toEqual(['event']);
    });
  });
});
