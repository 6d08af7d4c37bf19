import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskFolder } from '../simulated-disk.ts';
import { measureManyServers } from './many-servers.ts';

/** Servers in the rooms; `scripts/measure-many-servers.ts` measures with more. */
const many = 60;
const few = 12;

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
      expect(large.out.rows).toBeLessThan(small.out.rows + 1);
      expect(large.in.exchanges).toBe(0);
      // The index of the search grows by a row now and then.
      expect(large.in.rows).toBeLessThan(small.in.rows + 1);
    },
  );
});
