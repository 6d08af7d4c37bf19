import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { authDifference, conflictedSubgraph, ResolutionBudgetError } from '@myelin/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authGraphMigrations } from '../auth-graph/index.ts';
import { eventsMigrations } from '../events/index.ts';
import { MadeRoom, type MadeEvent } from './testing/made-room.ts';

const keys = 8;
/** Chains, forks of them and links across: each event rests on any before it, and three in four on the last of its key. */
const events = fc
  .array(fc.tuple(fc.nat(keys - 1), fc.array(fc.nat(1_000), { maxLength: 4 }), fc.nat(3)), {
    minLength: 5,
    maxLength: 60,
  })
  .map((all) =>
    all.map(([key, auth, follows], nid): MadeEvent => {
      const last = all.findLastIndex(([other], at) => at > 0 && at < nid && other === key);
      const own = follows > 0 && last > 0 ? [last] : [];
      return { key, auth: nid < 2 ? [] : [...new Set([...auth.map((each) => 1 + (each % (nid - 1))), ...own])] };
    }),
  );
const choices = fc.array(fc.array(fc.option(fc.nat(1_000), { freq: 6 }), { minLength: keys, maxLength: keys }), {
  minLength: 2,
  maxLength: 4,
});
/** How many keys all states have the same for. */
const agreed = fc.nat(keys);

/** How many events are stored together. */
const lots = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
const runs = { sqlite: 400, postgres: 40 };

describeDatabases((open, dialect) => {
  const start = (): Promise<Database> => open([...eventsMigrations, ...authGraphMigrations]);

  describe('the auth difference', () => {
    it('is that of the definition, over whole auth chains', async () => {
      const database = await start();
      let base = 0;
      await fc.assert(
        fc.asyncProperty(events, choices, agreed, lots, async (all, chosen, same, sizes) => {
          const states = chosen.map((choice) => {
            const state = new Map<number, number>();
            for (let key = 0; key < keys; key++) {
              const ofKey = all.flatMap((event, nid) => (nid > 0 && event.key === key ? nid : []));
              const which = key < same ? chosen[0]?.[key] : choice[key];
              if (ofKey.length > 0 && which !== null && which !== undefined)
                state.set(key, ofKey[which % ofKey.length]!);
            }
            return state;
          });
          const edges = (id: string): string[] => all[Number(id)]?.auth.map(String) ?? [];
          const expected = authDifference(
            states.map((state) => [...state.values()].map(String)),
            edges,
          );
          const room = new MadeRoom(database, (base += 1_000));
          room.longSearch = sizes[0]! % 2 === 0 ? 0 : 1_000;
          await room.store(all, sizes);
          const found = await room.difference(states);
          expect(new Set(found.map(String))).toEqual(expected);
          expect(found).toHaveLength(expected.size);
          const conflicted = [...new Set(states.flatMap((state) => [...state.values()]))];
          if (conflicted.length === 0) return;
          const subgraph = await room.subgraph(conflicted);
          expect(new Set(subgraph.map(String))).toEqual(conflictedSubgraph(conflicted.map(String), edges));
        }),
        { numRuns: runs[dialect], interruptAfterTimeLimit: 60_000 },
      );
    }, 120_000);

    it('of an old event and a new one takes no walk along what lies between', async () => {
      const { room, state, newest } = await deepRoom(await start(), 3_000);
      const { looked } = room;
      const before = new Map([...state, [2, oldTopic]]);
      const after = new Map([...state, [2, newest]]);
      expect(new Set(await room.difference([before, after]))).toEqual(new Set([oldTopic, newest]));
      expect(new Set(await room.subgraph([oldTopic, newest]))).toEqual(new Set([oldTopic, newest]));
      expect(room.looked - looked).toBeLessThan(20);
    });

    it('of an old fork takes no walk along what came since, nor the room beyond its budget', async () => {
      const database = await start();
      const { room, state } = await deepRoom(database, 50);
      const fork = await room.store([
        { key: 1, auth: [1, state.get(1)!] },
        { key: 2, auth: [1, state.get(1)!] },
      ]);
      const forked = new Map([...state, [1, fork], [2, fork + 1]]);
      // The room has gone on with what is on one side: all that came since rests on it.
      const since = Array.from({ length: 2_000 }, (_none, i): MadeEvent => ({ key: 10 + i, auth: [1, fork] }));
      await room.store(since);
      room.maxEvents = 600;
      room.longSearch = 300;
      expect(new Set(await room.difference([state, forked]))).toEqual(new Set([oldTopic, fork, fork + 1]));
      room.longSearch = Infinity;
      await expect(room.difference([state, forked])).rejects.toThrow(ResolutionBudgetError);
    });

    it('ends at its budget, whichever way hostile auth events make chains branch', async () => {
      const room = new MadeRoom(await start());
      // Each event rests on ten before it, of as many other keys: those with even numbers and those with odd ones.
      const tangle = Array.from({ length: 600 }, (_none, nid): MadeEvent => {
        const auth = Array.from({ length: 10 }, (_each, i) => nid - 2 - i * i * 2).filter((each) => each > 0);
        return { key: nid % 7, auth };
      });
      await room.store(tangle);
      const states = [new Map([[0, 595]]), new Map([[1, 596]])];
      const all = await room.difference(states);
      expect(all).toHaveLength(596);
      expect(await room.subgraph([2, 596])).toHaveLength(298);
      room.maxEvents = 50;
      await expect(room.difference(states)).rejects.toThrow(ResolutionBudgetError);
      await expect(room.subgraph([2, 596])).rejects.toThrow(ResolutionBudgetError);
    });
  });
});

/** Event 1 creates the room, 2 is its topic, then come so many changes of power levels, and a topic that rests on the last. */
async function deepRoom(
  database: Database,
  levels: number,
): Promise<{ room: MadeRoom; state: ReadonlyMap<number, number>; newest: number }> {
  const room = new MadeRoom(database);
  const chain = Array.from({ length: levels }, (_none, i): MadeEvent => ({ key: 1, auth: i === 0 ? [1] : [1, i + 2] }));
  await room.store([nothing, { key: 0, auth: [] }, { key: 2, auth: [1] }, ...chain]);
  const last = chain.length + 2;
  const newest = await room.store([{ key: 2, auth: [1, last] }]);
  return {
    room,
    newest,
    state: new Map([
      [0, 1],
      [1, last],
      [2, oldTopic],
    ]),
  };
}

const nothing: MadeEvent = { key: 99, auth: [] };
const oldTopic = 2;
