import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeFederations } from '../../../federation/describe-federations.ts';
import { ForeignWorld, type Situation } from '../foreign-world.ts';
import type { HostileKind, HostileStage } from './hostile-kind.ts';
import { growsAnyway, hostileKinds, mayGrow } from './hostile-kinds.ts';
import { ManyServers } from './many-servers.ts';
import { MemorySizes, sketchOf } from './memory-sizes.ts';
import { TableSizes } from './table-sizes.ts';
import { ToldEvents } from './told-events.ts';

/** Each kind of request so often, and then as often again. */
const times = 40;
/** What grows by less with the second half doesn't grow with each request. */
const much = times * 0.6;
/** What the server is still busy with, as on a slow machine, is gone at one of so many looks. */
const mostLooks = 10;

const names = Object.keys(hostileKinds);

describeFederations((start, database) => {
  let world: ForeignWorld;
  let situation: Situation;
  let many: ManyServers;
  let tables: TableSizes;
  let stage: HostileStage;
  let serial = 0;
  beforeAll(async () => {
    many = await ManyServers.start();
    world = await ForeignWorld.start(start, {
      config: { federation_verify_certificates: false },
      resolver: ManyServers.resolver,
    });
    situation = await world.situation(1);
    tables = await TableSizes.open(world.server);
    stage = { world, situation, many, told: await ToldEvents.begin(world, situation.bob) };
  });
  afterAll(async () => {
    await tables?.close();
    await world?.stop();
    await many?.stop();
  });

  const send = async (name: string): Promise<void> => {
    await (hostileKinds[name] as HostileKind)(
      stage,
      Array.from({ length: times }, () => serial++),
    );
    world.peer.received.length = 0;
  };

  describe('no table grows with each of the', () => {
    test.each(names)('%s', async (name) => {
      await send(name);
      const before = await tables.rows();
      await send(name);
      const after = await tables.rows();
      const grown = [...after].filter(([table, rows]) => rows - (before.get(table) ?? 0) >= much);
      const allowed = [...growsAnyway, ...(mayGrow[name] ?? [])];
      expect(grown.map(([table]) => table).filter((table) => !allowed.includes(table))).toEqual([]);
      expect(world.faults.take()).toEqual([]);
    });
  });

  // What is in memory doesn't depend on the database, and to look at all of it takes seconds.
  test.runIf(database === 'sqlite')(
    'nothing in memory grows with each of them without a bound',
    async () => {
      const memory = new MemorySizes();
      try {
        // What comes first may be new to caches; it came in the tests before.
        const before = memory.sizes();
        for (const name of names) await send(name);
        let grown: string[] = [];
        for (let looks = 0; looks === 0 || (grown.length > 0 && looks < mostLooks); looks++) {
          await world.stillWorks(situation);
          grown = [...memory.sizes()]
            .filter(([each, size]) => size - (before.get(each) ?? size) >= much)
            .map(([each, size]) => `${before.get(each)} to ${size}: ${sketchOf(each)}`);
        }
        expect(grown).toEqual([]);
      } finally {
        memory.close();
      }
    },
    600_000,
  );
});
