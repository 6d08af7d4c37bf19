import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCrashScenario } from './crash-scenario.ts';
import { DiskFolder } from './simulated-disk.ts';

/** Seeds tried: a few with the other tests, a thousand in CI. MYELIN_SIM_FIRST starts elsewhere, to repeat one by its number. */
const seeds = Number(process.env['MYELIN_SIM_SEEDS'] ?? 25);
const first = Number(process.env['MYELIN_SIM_FIRST'] ?? 1);

describe('one server that is killed at random points', () => {
  let folder: DiskFolder;
  beforeAll(async () => {
    folder = await DiskFolder.create();
  });
  afterAll(() => folder.remove());

  it(
    `loses nothing and shows nothing twice, ${seeds} seeds from ${first}`,
    { timeout: 30_000 + seeds * 2_000 },
    async () => {
      const failures: string[] = [];
      for (let seed = first; seed < first + seeds; seed++) {
        const { problems } = await runCrashScenario(seed, folder);
        if (problems.length > 0) failures.push(`seed ${seed}: ${problems.slice(0, 5).join('; ')}`);
        if (failures.length >= 5) break;
      }
      expect(failures).toEqual([]);
    },
  );

  // Seeds that failed once. 42: two rooms of version 12, made alike in the same millisecond, had the same id.
  it.each([42])('does not fall back to what seed %i found', async (seed) => {
    expect((await runCrashScenario(seed, folder)).problems).toEqual([]);
  });

  it('runs the same way each time', async () => {
    const [once, again] = [await runCrashScenario(7, folder), await runCrashScenario(7, folder)];
    expect(once.transcript.length).toBeGreaterThan(10);
    expect(again).toEqual(once);
  });
});
