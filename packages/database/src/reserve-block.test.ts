import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { reserveBlock, reserveBlocks } from './reserve-block.ts';
import { describeDatabases } from './testing.ts';

describeDatabases((open) => {
  it('never gives a number twice', async () => {
    const database = await open([{ id: 'none/0001', up: [] }]);
    const given = new Map<string, Set<number>>();
    const requests = fc.array(
      fc.record({ name: fc.constantFrom('events', 'rooms'), size: fc.integer({ min: 1, max: 5 }) }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(requests, async (batch) => {
        const blocks = await Promise.all(batch.map(({ name, size }) => reserveBlock(database, name, size)));
        for (const [i, { first, last }] of blocks.entries()) {
          const { name, size } = batch[i] as { name: string; size: number };
          expect(last - first + 1).toBe(size);
          const numbers = given.get(name) ?? new Set();
          given.set(name, numbers);
          for (let n = first; n <= last; n++) {
            expect(numbers.has(n)).toBe(false);
            numbers.add(n);
          }
        }
      }),
      { numRuns: 30 },
    );
    for (const numbers of given.values()) expect(Math.min(...numbers)).toBe(1);
  });

  it('reserves for all names at once', async () => {
    const database = await open([{ id: 'none/0001', up: [] }]);
    expect(await reserveBlocks(database, 10)).toEqual(new Map());
    await reserveBlock(database, 'events', 5);
    await reserveBlock(database, 'rooms', 7);
    expect(await reserveBlocks(database, 10)).toEqual(
      new Map([
        ['events', { first: 6, last: 15 }],
        ['rooms', { first: 8, last: 17 }],
      ]),
    );
    expect(await reserveBlock(database, 'events', 1)).toEqual({ first: 16, last: 16 });
  });

  it('reserves for names that nobody has used, with those that are there', async () => {
    const database = await open([{ id: 'none/0001', up: [] }]);
    await reserveBlock(database, 'events', 5);
    expect(await reserveBlocks(database, 10, ['events', 'rooms'])).toEqual(
      new Map([
        ['events', { first: 6, last: 15 }],
        ['rooms', { first: 1, last: 10 }],
      ]),
    );
    expect(await reserveBlock(database, 'rooms', 1)).toEqual({ first: 11, last: 11 });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a block of %d', async (size) => {
    const database = await open([{ id: 'none/0001', up: [] }]);
    await expect(reserveBlock(database, 'events', size)).rejects.toBeInstanceOf(RangeError);
    await expect(reserveBlocks(database, size)).rejects.toBeInstanceOf(RangeError);
  });
});
