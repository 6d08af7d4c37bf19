import { systemRuntime, type Clock, type Runtime } from '@myelin/runtime';
import { beforeEach, expect, it } from 'vitest';
import { BackgroundUpdates, scheduleBackgroundUpdate, type BackgroundUpdate } from './background-updates.ts';
import type { Database } from './database.ts';
import { sql } from './sql.ts';
import { describeDatabases } from './testing.ts';

const items = 1000;
const schema = [
  {
    id: 'test/0001',
    up: [
      sql`CREATE TABLE done (n INTEGER NOT NULL PRIMARY KEY)`,
      scheduleBackgroundUpdate('fill'),
      scheduleBackgroundUpdate('afterwards', 'fill', { from: 7 }),
    ],
  },
];

/** A clock on which each item takes `msPerItem`, and timers that don't wait. */
class Pace {
  now = 0;
  readonly waits: number[] = [];
  readonly clock: Clock = { now: () => this.now, monotonic: () => this.now };
  readonly runtime: Pick<Runtime, 'clock' | 'timers'> = {
    clock: this.clock,
    timers: {
      ...systemRuntime.timers,
      sleep: async (ms) => {
        this.waits.push(ms);
      },
    },
  };
}

describeDatabases((open) => {
  let database: Database;
  let pace: Pace;
  let sizes: number[];
  let seen: unknown[];

  beforeEach(async () => {
    database = await open(schema);
    pace = new Pace();
    sizes = [];
    seen = [];
  });

  function fill(msPerItem = 1): BackgroundUpdate {
    return {
      name: 'fill',
      async run(writer, progress, size) {
        const from = Number(progress['next'] ?? 0);
        const to = Math.min(items, from + size);
        sizes.push(to - from);
        await writer.insert(
          'done',
          ['n'],
          Array.from({ length: to - from }, (_, i) => [from + i]),
        );
        pace.now += (to - from) * msPerItem;
        return { items: to - from, progress: { next: to }, finished: to === items };
      },
    };
  }

  const afterwards: BackgroundUpdate = {
    name: 'afterwards',
    async run(_writer, progress) {
      seen.push(progress);
      return { items: 1, progress: {}, finished: true };
    },
  };

  function updates(
    list: readonly BackgroundUpdate[],
    onWarning: (message: string) => void = () => {},
  ): BackgroundUpdates {
    return new BackgroundUpdates(database, pace.runtime, list, { durationMs: 50, pauseMs: 7, onWarning });
  }

  function filled(): Promise<unknown> {
    return database.reader.get(sql`SELECT count(*) AS n FROM done`);
  }

  it('does all of it, in order, and then has nothing left', async () => {
    const background = updates([afterwards, fill()]);
    background.start();
    await background.whenDone();
    expect(await filled()).toEqual({ n: items });
    expect(seen).toEqual([{ from: 7 }]);
    expect(await background.status()).toEqual({ state: 'idle', pending: [] });
  });

  it('makes batches as large as fit the time', async () => {
    const background = updates([fill(0.25), afterwards]);
    background.start();
    await background.whenDone();
    // 100 items took 25 ms: 200 fit 50 ms.
    expect(sizes).toEqual([100, 200, 200, 200, 200, 100]);
    expect(new Set(pace.waits)).toEqual(new Set([7]));
  });

  it('makes batches small when items take long', async () => {
    const background = updates([fill(10), afterwards]);
    background.start();
    await background.whenDone();
    expect(sizes.slice(0, 3)).toEqual([100, 5, 5]);
  });

  it('goes on where it was left', async () => {
    const stopping: BackgroundUpdate = {
      name: 'fill',
      async run(writer, progress, size) {
        if (sizes.length === 3) void background.stop();
        return await fill().run(writer, progress, size);
      },
    };
    const background = updates([stopping, afterwards]);
    background.start();
    await background.whenDone();
    const { n } = (await filled()) as { n: number };
    expect(n).toBeGreaterThan(0);
    expect(n).toBeLessThan(items);
    const again = updates([fill(), afterwards]);
    expect((await again.status()).pending.map((update) => [update.name, update.items])).toEqual([
      ['afterwards', 0],
      ['fill', n],
    ]);
    again.start();
    await again.whenDone();
    expect(await filled()).toEqual({ n: items });
  });

  it('keeps nothing of a batch that fails, waits longer each time, and says so', async () => {
    const warnings: string[] = [];
    let failures = 3;
    const failing: BackgroundUpdate = {
      name: 'fill',
      async run(writer, progress, size) {
        const outcome = await fill().run(writer, progress, size);
        if (failures-- > 0) throw new Error('not now');
        return outcome;
      },
    };
    const background = updates([failing, afterwards], (message) => warnings.push(message));
    background.start();
    await background.whenDone();
    expect(await filled()).toEqual({ n: items });
    expect(pace.waits.slice(0, 3)).toEqual([1000, 2000, 4000]);
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toContain('not now');
  });

  it('leaves what it has no code for, and says so once', async () => {
    const warnings: string[] = [];
    const background = updates([afterwards], (message) => warnings.push(message));
    background.start();
    await background.whenDone();
    background.start();
    await background.whenDone();
    expect(seen).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect((await background.status()).pending.map((update) => update.name)).toEqual(['afterwards', 'fill']);
  });

  it('pauses and resumes', async () => {
    const background = updates([fill(), afterwards]);
    background.pause();
    background.start();
    expect((await background.status()).state).toBe('paused');
    expect(await filled()).toEqual({ n: 0 });
    background.resume();
    await background.whenDone();
    expect(await filled()).toEqual({ n: items });
  });
});
