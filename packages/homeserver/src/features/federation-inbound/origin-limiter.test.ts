import type { Clock, Timers } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { OriginLimiter } from './origin-limiter.ts';

/** A limiter on a time that stands still, and the sleeps that were asked for. */
function limiterOf(limits: Partial<ConstructorParameters<typeof OriginLimiter>[2]>) {
  const sleeps: number[] = [];
  const clock = { now: () => 0, monotonic: () => 0 } satisfies Clock;
  const timers = { sleep: async (ms: number) => void sleeps.push(ms) } as unknown as Timers;
  const usual = { windowSizeMs: 1000, sleepLimit: 100, sleepDelayMs: 500, rejectLimit: 50, concurrent: 3 };
  return { limiter: new OriginLimiter(clock, timers, { ...usual, ...limits }), sleeps };
}

/** Work that ends when the test says so. */
function work() {
  const ends: (() => void)[] = [];
  let most = 0;
  const run = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      ends.push(resolve);
      most = Math.max(most, ends.length);
    });
  };
  const endAll = async (): Promise<void> => {
    for (let end = ends.shift(); end; end = ends.shift()) {
      end();
      for (let i = 0; i < 20; i++) await Promise.resolve();
    }
  };
  return { run, endAll, started: () => ends.length, most: () => most };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('the requests of a server', () => {
  it('are worked on so many at once, and those of another beside them', async () => {
    const { limiter } = limiterOf({ concurrent: 2 });
    const { run, endAll, started, most } = work();
    const all = Array.from({ length: 5 }, () => limiter.run('a.test', run));
    await settle();
    expect(started()).toBe(2);
    const other = limiter.run('b.test', run);
    await settle();
    expect(started()).toBe(3);
    await endAll();
    await Promise.all([...all, other]);
    expect(most()).toBe(3);
  });

  it('are refused when too many wait', async () => {
    const { limiter } = limiterOf({ concurrent: 1, rejectLimit: 2 });
    const { run, endAll } = work();
    const all = Array.from({ length: 4 }, () => limiter.run('a.test', run));
    await settle();
    await expect(limiter.run('a.test', run)).rejects.toMatchObject({ code: 'M_LIMIT_EXCEEDED' });
    await endAll();
    await Promise.all(all);
  });

  it('sleep when there are many within the window', async () => {
    const { limiter, sleeps } = limiterOf({ sleepLimit: 2 });
    for (let i = 0; i < 4; i++) await limiter.run('a.test', async () => {});
    await limiter.run('b.test', async () => {});
    expect(sleeps).toEqual([500, 500]);
  });

  it('that fail leave their place to the next', async () => {
    const { limiter } = limiterOf({ concurrent: 1 });
    const failing = limiter.run('a.test', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await limiter.run('a.test', async () => 7)).toBe(7);
  });
});
