import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskFolder } from '../simulated-disk.ts';
import { measureManyServers } from './many-servers.ts';

/** Servers in the rooms; `scripts/measure-many-servers.ts` measures with others. */
const many = 500;
const few = 20;

describe('a room of many servers', () => {
  let folder: DiskFolder;
  beforeAll(async () => {
    folder = await DiskFolder.create();
  });
  afterAll(() => folder.remove());

  it(
    `an event is sent once to each of ${many}, written once, and one that comes costs no more than among ${few}`,
    { timeout: 120_000 },
    async () => {
      const [small, large] = [await measureManyServers(few, folder), await measureManyServers(many, folder)];
      expect(small.out.exchanges).toBe(few);
      expect(large.out.exchanges).toBe(many);
      expect(small.in.exchanges).toBe(0);
      expect(large.in.exchanges).toBe(0);
      // What is written and asked of the database doesn't grow with the servers. The index of the search grows by a row now and then.
      for (const way of ['out', 'in'] as const) {
        expect(large[way].rows).toBeLessThan(small[way].rows + 1);
        expect(large[way].statements).toBeLessThan(small[way].statements + 1);
      }
      const milliseconds = [large.out.cpuMs.toFixed(1), large.in.cpuMs.toFixed(1)];
      process.stdout.write(`${many} servers: ms of CPU to send and to receive: ${milliseconds.join(', ')}\n`);
    },
  );
});
