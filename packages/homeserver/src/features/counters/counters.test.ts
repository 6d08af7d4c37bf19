import { describeDatabases } from '@myelin/database/testing';
import { expect, it } from 'vitest';
import { Counters } from './counters.ts';

describeDatabases((open) => {
  it('numbers are given out once, in any run', async () => {
    const database = await open([{ id: 'none/0001', up: [] }]);
    const given = new Set<number>();
    let greatest = 0;
    for (let run = 0; run < 3; run++) {
      const counters = await Counters.open(database);
      const counter = await counters.open('events');
      expect(counter.peek()).toBeGreaterThan(greatest);
      for (const each of [counter, await counters.open('events')]) {
        for (let i = 0; i < 1000; i++) {
          const number = each.take();
          expect(given.has(number)).toBe(false);
          given.add(number);
          greatest = Math.max(greatest, number);
        }
      }
    }
    expect(Math.min(...given)).toBe(1);
  });

  it('there are none for those who only read', async () => {
    const counter = await Counters.empty(await open()).open('events');
    expect(() => counter.take()).toThrow('has run out');
  });

  it('a name has numbers of its own', async () => {
    const counters = await Counters.open(await open([{ id: 'none/0001', up: [] }]));
    const [events, rooms] = [await counters.open('events'), await counters.open('room_names')];
    expect([events.take(), events.take(), rooms.take(), events.take()]).toEqual([1, 2, 1, 3]);
  });

  it('goes on beyond the end of a block', async () => {
    const counter = await (await Counters.open(await open([{ id: 'none/0001', up: [] }]))).open('events');
    for (let i = 1; i <= 100_000; i++) {
      expect(counter.take()).toBe(i);
      // What the next block is reserved with goes to the database.
      if (i % 50_001 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    while (true) {
      try {
        expect(counter.take()).toBe(100_001);
        return;
      } catch (error) {
        expect((error as Error).message).toContain('has run out');
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  });
});
