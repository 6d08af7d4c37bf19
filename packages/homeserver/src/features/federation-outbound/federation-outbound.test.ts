import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it, vi } from 'vitest';
import { FederationError } from '../federation-client/index.ts';
import { EduStore } from './edu-store.ts';
import { SendingWorld } from './testing/sending-world.ts';

const one = 'one.test';
const two = 'two.test';
const minute = 60_000;
const hour = 60 * minute;

describeDatabases((open) => {
  const begin = (...servers: string[]): Promise<SendingWorld> => SendingWorld.begin(open, ...servers);

  describe('events', () => {
    it('of local users go to all servers in the room, in order, one transaction at a time', async () => {
      const world = await begin(one, two);
      const held: (() => void)[] = [];
      world.peers.behaves(one, async (_transaction, take) => {
        await new Promise<void>((resolve) => held.push(resolve));
        take();
      });
      await world.send(7, 'first');
      await world.until(() => held.length === 1);
      for (let i = 0; i < 60; i++) await world.send(7, `more ${i}`);
      await world.until(() => world.peers.events(two).length === 61);
      expect(held).toHaveLength(1);
      world.peers.behaves(one, undefined);
      held[0]?.();
      await world.idle();
      const expected = ['first', ...Array.from({ length: 60 }, (_, i) => `more ${i}`)];
      expect(world.peers.events(one)).toEqual(expected);
      expect(world.peers.events(two)).toEqual(expected);
      const sizes = world.peers.taken.get(one)?.map(({ pdus }) => pdus.length);
      expect(sizes).toEqual([1, 50, 10]);
    });

    it('of others are not sent, but those that this server vouches for are sent on, not back', async () => {
      const world = await begin(one, two);
      await world.send(7, 'theirs', undefined, `@a:${one}`);
      await world.idle();
      expect(world.peers.tries).toEqual([]);
      await world.send(7, 'joined', { userId: `@b:${one}`, to: 'join' }, `@b:${one}`, true);
      await world.idle();
      expect(world.peers.events(two)).toEqual(['joined']);
      expect(world.peers.events(one)).toEqual([]);
    });

    it('go also to the server whose last user they make leave, or whose user they do not ask in any more', async () => {
      const world = await begin(one);
      await world.send(7, 'kick', { userId: `@a:${one}`, from: 'join', to: 'leave' });
      await world.send(7, 'after');
      await world.send(8, 'rescinded', { userId: `@b:${two}`, from: 'invite', to: 'leave' });
      await world.idle();
      expect(world.peers.events(one)).toEqual(['kick']);
      expect(world.peers.events(two)).toEqual(['rescinded']);
    });

    it('go to a server that a resolution has put out: the ends of the room, though it is away', async () => {
      const world = await begin(one, two);
      world.peers.dies(one, hour);
      await world.resolveOut(7, 'theirs', `@a:${one}`, `@a:${two}`, ['another end']);
      await world.idle();
      await world.send(7, 'after');
      await world.restart();
      world.peers.comesBack(one);
      await world.idle();
      expect(world.peers.events(one).toSorted()).toEqual(['another end', 'theirs']);
      expect(world.peers.events(two)).toEqual(['after']);
    });

    it('go to a server that a resolution has put out, all ends of the room', async () => {
      const world = await begin(one, two);
      await world.resolveOut(7, 'theirs', `@a:${one}`, `@a:${two}`, ['another end', 'a third']);
      await world.idle();
      expect(world.peers.events(one).toSorted()).toEqual(['a third', 'another end', 'theirs']);
      expect(world.peers.events(two)).toEqual([]);
    });

    it('are not sent to servers that may not be spoken to, nor to what is no server', async () => {
      const world = await begin(one, two, '@@@');
      world.allowed = new Set([two]);
      await world.send(7, 'hello');
      await world.toDevice([one, two, 'here.test'], { hello: 'you' });
      await world.idle();
      expect(world.peers.tries.map(({ destination }) => destination)).not.toContain(one);
      expect(world.peers.events(two)).toEqual(['hello']);
    });

    it('by which this server enters a room are for others to tell', async () => {
      const world = await begin();
      const event = await world.send(9, 'seed', { userId: '@u1:here.test', to: 'join' });
      const others = await world.send(9, 'other', { userId: `@a:${one}`, to: 'join' }, `@a:${one}`);
      const change = (after: typeof event) => ({ key: 2 as never, before: undefined, after });
      await world.database.transact((writer) =>
        world.sending.events.apply(writer, event, {
          way: 'entered',
          head: undefined as never,
          replaced: undefined,
          changes: [change(others), change(event)],
        }),
      );
      await world.idle();
      expect(world.peers.tries).toEqual([]);
    });
  });

  describe('restarts', () => {
    it('what was not sent goes out after a crash, what was sent and noted does not', async () => {
      const world = await begin(one, two);
      await world.send(7, 'noted');
      await world.idle();
      await world.sending.outbound.flush();
      world.peers.behaves(one, () => new Promise(() => {}));
      await world.send(7, 'lost');
      await world.until(() => world.peers.tries.length === 4);
      // Without stopping the first: as a crash has it.
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.events(one)).toEqual(['noted', 'lost']);
      expect(new Set(world.peers.events(two))).toEqual(new Set(['noted', 'lost']));
      const txns = [...world.peers.taken.values()].flat().map(({ txn }) => txn);
      expect(new Set(txns).size).toBe(txns.length);
    });

    it('a join that was taken for others goes out after a crash: it is written with the join', async () => {
      const world = await begin(one, two);
      world.peers.behaves(two, () => new Promise(() => {}));
      await world.send(7, 'joined', { userId: '@c:three.test', to: 'join' }, '@c:three.test', true);
      await world.until(() => world.peers.tries.length === 2);
      world.peers.behaves(two, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.events(two)).toEqual(['joined']);
      expect(world.peers.events('three.test')).toEqual([]);
    });

    it('a message to a device goes out after a crash, though its server lacks nothing else', async () => {
      const world = await begin(one);
      world.peers.holds(one);
      await world.toDevice([one], { n: '1' });
      await world.until(() => world.peers.tries.length === 1);
      world.peers.behaves(one, undefined);
      await world.start();
      await world.idle();
      expect(world.peers.edus(one).map(({ content }) => content['n'])).toEqual(['1']);
    });

    it('what comes while the server looks for what an earlier run has left goes out too', async () => {
      const world = await begin(one, two);
      const { destinations } = EduStore.prototype;
      const looking = vi.spyOn(EduStore.prototype, 'destinations').mockImplementationOnce(async function (
        this: EduStore,
      ) {
        const found = await destinations.call(this);
        await world.send(7, 'early');
        await world.toDevice([two], { n: '1' });
        return found;
      });
      await world.start();
      await world.idle();
      looking.mockRestore();
      for (const server of [one, two]) expect(world.peers.events(server)).toEqual(['early']);
      expect(world.peers.edus(two)).toHaveLength(1);
    });

    it('nothing is sent again after a clean stop, and the dead are remembered', async () => {
      const world = await begin(one, two);
      world.peers.dies(two, 2 * hour);
      await world.send(7, 'hello');
      await world.idle();
      await world.restart();
      await world.idle();
      expect(world.peers.events(one)).toEqual(['hello']);
      expect(world.sending.outbound.isBehind(two)).toBe(true);
      const { length } = world.peers.tries;
      await world.pass(hour);
      expect(world.peers.tries).toHaveLength(length);
      world.peers.behaves(two, undefined);
      await world.pass(2 * hour);
      expect(world.peers.events(two)).toEqual(['hello']);
    });

    it('whatever is lost on the way, each server gets the newest of each room, in any order of failures', async () => {
      const world = await begin(one, two);
      await world.fill(8, [one, two]);
      let state = 12_345;
      const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
      const last = new Map<number, string>();
      for (let i = 0; i < 120; i++) {
        const dice = random(10);
        const server = random(2) === 0 ? one : two;
        if (dice === 0) world.peers.dies(server, minute);
        else if (dice === 1) world.peers.comesBack(server);
        else if (dice === 2)
          world.peers.behaves(server, (_transaction, take) => {
            // Taken, but the answer is lost.
            take();
            throw new FederationError('unreachable', server, 'lost');
          });
        else if (dice === 3) await world.restart();
        else if (dice === 4) await world.pass(2 * minute);
        else {
          const room = 7 + random(2);
          await world.send(room, `event ${i}`);
          last.set(room, `event ${i}`);
        }
      }
      for (const server of [one, two]) world.peers.comesBack(server);
      await world.pass(10 * minute);
      for (const server of [one, two])
        for (const event of last.values()) expect(world.peers.events(server)).toContain(event);
      expect(world.sending.outbound.pending.destinations).toBe(0);
    });
  });
});
