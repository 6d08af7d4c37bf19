import { describeDatabases } from '@myelin/database/testing';
import { beforeEach, expect, it } from 'vitest';
import { Destinations } from './destinations.ts';
import { destinationsMigrations } from './migrations.ts';
import { allFailing } from './store.ts';

const minute = 60_000;

describeDatabases((open) => {
  let now: number;
  let destinations: Destinations;
  let database: Awaited<ReturnType<typeof open>>;
  const build = (): Destinations =>
    new Destinations({
      database,
      clock: { now: () => now, monotonic: () => now },
      // The middle: intervals are multiplied by 2 × 1.1.
      random: { bytes: (count) => Buffer.concat([Buffer.from([0x80]), Buffer.alloc(count - 1)]) },
      times: { minimumMs: 10 * minute, multiplier: 2, maximumMs: 60 * minute },
      onProblem: (error) => {
        throw error;
      },
    });
  beforeEach(async () => {
    now = 1_000_000_000_000;
    database = await open(destinationsMigrations);
    destinations = build();
  });

  const waits = async (): Promise<number> =>
    Math.round((((await destinations.retryAt('a.test')) ?? now) - now) / minute);

  it('are tried at once until they fail', async () => {
    expect(await destinations.retryAt('a.test')).toBeUndefined();
    await destinations.failed('a.test');
    expect(await waits()).toBe(10);
    expect(await destinations.retryAt('b.test')).toBeUndefined();
  });

  it('are left alone for longer after each failure, up to the longest time', async () => {
    const intervals: number[] = [];
    for (let i = 0; i < 5; i++) {
      await destinations.failed('a.test');
      intervals.push(await waits());
      now += 61 * minute;
    }
    expect(intervals).toEqual([10, 22, 48, 60, 60]);
    expect(await destinations.failing('a.test')).toMatchObject({ failingSince: 1_000_000_000_000 });
  });

  it('count failures of one time as one', async () => {
    for (let i = 0; i < 10; i++) await destinations.failed('a.test');
    expect(await waits()).toBe(10);
  });

  it('are not blamed for what fails while this server stops', async () => {
    destinations.stopNoting();
    await destinations.failed('a.test');
    expect(await waits()).toBe(0);
    destinations = build();
    expect(await waits()).toBe(0);
  });

  it('are remembered over a restart, with since when', async () => {
    await destinations.failed('a.test');
    destinations = build();
    expect(await waits()).toBe(10);
    expect(await allFailing(database, 10)).toMatchObject([{ destination: 'a.test', failingSince: now }]);
  });

  it('are tried at once when they are there again, and who waits is told', async () => {
    const told: string[] = [];
    destinations.onReachable((server) => told.push(server));
    await destinations.reachable('a.test');
    expect(told).toEqual([]);
    await destinations.failed('a.test');
    await destinations.reachable('a.test');
    expect(told).toEqual(['a.test']);
    expect(await destinations.retryAt('a.test')).toBeUndefined();
    expect(await allFailing(database, 10)).toEqual([]);
    destinations = build();
    await destinations.failed('a.test');
    expect(await waits()).toBe(10);
  });

  it('are not kept waiting by a clock that was set back', async () => {
    await destinations.failed('a.test');
    now -= 10 * 365 * 86_400_000;
    await destinations.failed('a.test');
    now += 120 * minute;
    expect(await destinations.retryAt('a.test')).toBeUndefined();
  });
});
