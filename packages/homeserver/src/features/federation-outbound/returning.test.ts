import { describeDatabases } from '@myelin/database/testing';
import { expect, it } from 'vitest';
import { roomServersMigrations } from '../room-servers/index.ts';
import { federationOutboundMigrations } from './migrations.ts';
import { SendingWorld } from './testing/sending-world.ts';

const minute = 60_000;
const hour = 60 * minute;

describeDatabases((open) => {
  /** Two rooms; nothing is left to send, and it was noted that the server runs. */
  async function begin(): Promise<SendingWorld> {
    const world = new SendingWorld(await open([...roomServersMigrations, ...federationOutboundMigrations]));
    world.ownRooms.add(7).add(8);
    await world.start();
    await world.fill(7, ['one.test', 'two.test']);
    await world.fill(8, ['three.test', 'one.test']);
    await untilNoted(world, minute);
    expect(world.peers.tries).toEqual([]);
    return world;
  }

  const lastAlive = async (world: SendingWorld): Promise<number> => (await world.sending.store.lastAlive()) ?? 0;
  /** Until it is noted that the server runs: all that were to be greeted have been. */
  const untilNoted = (world: SendingWorld, step = 100): Promise<void> => {
    const since = world.time.now();
    return goOn(world, async () => (await lastAlive(world)) >= since, step);
  };
  /** Lets time go on until something has happened. */
  async function goOn(world: SendingWorld, isDone: () => Promise<boolean>, step = 100): Promise<void> {
    for (let steps = 0; !(await isDone()); steps++) {
      if (steps > 5_000) throw new Error('It does not come to that');
      world.time.advance(step);
      await world.idle();
    }
    await world.idle();
  }
  const greeted = (world: SendingWorld): string[] => world.peers.tries.map(({ destination }) => destination);

  it('after a downtime each server in our rooms hears from us once, slowly, the newest rooms first', async () => {
    const world = await begin();
    await world.restart(hour);
    await untilNoted(world, 10);
    expect(greeted(world).slice(0, 2).toSorted()).toEqual(['one.test', 'three.test']);
    expect(greeted(world).slice(2)).toEqual(['two.test']);
    for (const { transaction } of world.peers.tries) expect(transaction).toMatchObject({ pdus: [], edus: [] });
    const [first = 0, second = 0, third = 0] = world.peers.tries.map(({ transaction }) => transaction.origin_server_ts);
    expect(second - first).toBeGreaterThanOrEqual(240);
    expect(third - second).toBeGreaterThanOrEqual(240);
    await world.pass(hour);
    expect(greeted(world)).toHaveLength(3);
  });

  it('a short restart tells nobody', async () => {
    const world = await begin();
    await world.restart(minute);
    await untilNoted(world);
    await world.pass(10 * minute);
    expect(greeted(world)).toEqual([]);
  });

  it('is noted every minute, so that a crash counts from when the server was last known to run', async () => {
    const world = await begin();
    for (const _ of [1, 2, 3]) {
      const before = world.time.now();
      await untilNoted(world, 1_000);
      expect(world.time.now() - before).toBeLessThanOrEqual(2 * minute);
    }
  });

  it('who was noted a moment ago need not be noted at once when it starts', async () => {
    const world = await begin();
    const stoppedAt = world.time.now();
    await world.restart(10_000);
    await world.idle();
    expect(await lastAlive(world)).toBeLessThanOrEqual(stoppedAt);
    await untilNoted(world);
    expect(greeted(world)).toEqual([]);
  });

  it('begins anew after a restart in the midst of it', async () => {
    const world = await begin();
    await world.restart(hour);
    await goOn(world, async () => greeted(world).length === 1, 10);
    const [first] = greeted(world);
    await world.restart();
    await untilNoted(world);
    expect(greeted(world)).toHaveLength(4);
    expect(greeted(world).filter((name) => name === first)).toHaveLength(2);
  });

  it('who has failed is left alone, who refuses has heard it, who is dead is forgotten', async () => {
    const world = await begin();
    world.peers.dies('one.test', 12 * hour);
    world.peers.dies('two.test', 12 * hour);
    world.peers.refuses('three.test', 400, () => true);
    await world.send(7, 'unheard');
    await world.idle();
    const before = greeted(world).length;
    await world.restart(hour);
    await untilNoted(world);
    expect(greeted(world).slice(before)).toEqual(['three.test']);
    world.peers.dies('three.test', 12 * hour);
    await world.restart(hour);
    await untilNoted(world);
    expect(greeted(world).slice(before)).toEqual(['three.test', 'three.test']);
    expect(world.sending.outbound.isBehind('three.test')).toBe(false);
  });

  it('what was left over goes out first', async () => {
    const world = await begin();
    await world.sending.returning.stop();
    await world.sending.outbound.stop();
    // Written, and not sent.
    await world.send(7, 'left over');
    await world.restart(hour);
    await untilNoted(world);
    expect(greeted(world).slice(0, 2).toSorted()).toEqual(['one.test', 'two.test']);
    expect(world.peers.events('one.test')).toEqual(['left over']);
    expect(world.peers.events('two.test')).toEqual(['left over']);
    expect(greeted(world)).toContain('three.test');
  });
});
