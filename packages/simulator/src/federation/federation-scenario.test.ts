import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskFolder } from '../simulated-disk.ts';
import { runFederationScenario } from './federation-scenario.ts';
import { sizeOf } from './world-size.ts';

/** Seeds tried: a few with the other tests, more in CI. MYELIN_SIM_FIRST starts elsewhere, to repeat one by its number. */
const seeds = Number(process.env['MYELIN_SIM_FEDERATION_SEEDS'] ?? 5);
const first = Number(process.env['MYELIN_SIM_FIRST'] ?? 1);

describe('servers that share a room through splits of the network, losses and kills', () => {
  let folder: DiskFolder;
  beforeAll(async () => {
    folder = await DiskFolder.create();
  });
  afterAll(() => folder.remove());

  it(`agree on it in the end, ${seeds} seeds from ${first}`, { timeout: 60_000 + seeds * 5_000 }, async () => {
    const failures: string[] = [];
    for (let seed = first; seed < first + seeds; seed++) {
      const { problems } = await runFederationScenario(seed, folder, sizeOf(seed));
      if (problems.length > 0) failures.push(`seed ${seed}: ${problems.slice(0, 5).join('; ')}`);
      if (failures.length >= 5) break;
    }
    expect(failures).toEqual([]);
  });

  // Seeds that failed once, with the sizes that they had then. 282, 288: a hostile server told a false state before the events that
  // the room stands on, and they were refused by it. 489: it left an event out of the state before a later one, and held it back.
  // 851: it put a user out and told that user's server nothing.
  it.each([282, 288, 489, 851])('do not fall back to what seed %i found', { timeout: 60_000 }, async (seed) => {
    const size = { fewestServers: 2, mostServers: 5, mostHostile: 1, actions: 8 };
    expect((await runFederationScenario(seed, folder, size)).problems).toEqual([]);
  });

  // 1060, 1447: what a hostile server told of a state stood although that state could be found out later. 1464: it told a false state
  // at the event of another server. 1539, 1613: about the state after the room's first event. 2029: about the state at its own event.
  // 3027, 3116: a server didn't learn by which event it was out of the room. 1217: refused events were told to nobody.
  // 2229: a state that was found out behind soft-failed events didn't take the place of what was told;
  // 2453: nor one that was found out by what came while the server was in the room before.
  it.each([1060, 1217, 1447, 1464, 1539, 1613, 2029, 2229, 2453, 3027, 3116])(
    'with several hostile ones, do not fall back to what seed %i found',
    { timeout: 60_000 },
    async (seed) => {
      const size = { fewestServers: 2, mostServers: 7, mostHostile: 3, actions: 8 };
      expect((await runFederationScenario(seed, folder, size)).problems).toEqual([]);
    },
  );

  // 412: a server's own event of before it was made to leave, which got to others after it had come back, was an end of the room for
  // them and not for it.
  it.each([412])('with doors, do not fall back to what seed %i found', { timeout: 60_000 }, async (seed) => {
    const size = { fewestServers: 2, mostServers: 5, mostHostile: 1, actions: 8, doors: true };
    expect((await runFederationScenario(seed, folder, size)).problems).toEqual([]);
  });

  // 5197: what was missing before an event that was told too early came a moment later, and nobody was asked for the event again.
  // 6813: a state that a kill had undone was taken for one that the server had had.
  it.each([5197, 6813])(
    'of small worlds, do not fall back to what seed %i found',
    { timeout: 60_000 },
    async (seed) => {
      const size = {
        fewestServers: 3,
        mostServers: 4,
        mostHostile: 1,
        actions: 6,
        prepared: { late: 15 },
        haste: 2,
        doors: true,
        upgrades: false,
        lean: true,
      };
      expect((await runFederationScenario(seed, folder, size)).problems).toEqual([]);
    },
  );

  it('run the same way each time', { timeout: 60_000 }, async () => {
    const [once, again] = [
      await runFederationScenario(3, folder, sizeOf(3)),
      await runFederationScenario(3, folder, sizeOf(3)),
    ];
    expect(once.transcript.length).toBeGreaterThan(2);
    expect(again).toEqual(once);
  });
});
