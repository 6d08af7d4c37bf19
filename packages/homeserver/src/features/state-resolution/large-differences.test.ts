import { describeDatabases } from '@myelin/database/testing';
import { authDifference, conflictedSubgraph } from '@myelin/protocol';
import { SeededDice } from '@myelin/runtime/testing';
import { describe, expect, it } from 'vitest';
import { authGraphMigrations } from '../auth-graph/index.ts';
import { eventsMigrations } from '../events/index.ts';
import { MadeRoom, type MadeEvent } from './testing/made-room.ts';

/** More than the links that are read at a time, so that one change of power levels is cited on several pages. */
const members = 260;
const levelsKey = 1;
const seeds = { sqlite: 12, postgres: 2 };

/**
 * The next events of a room: members who come, who change their names, who act on others; power levels that change on
 * one of several branches. `all`: those before; event 0 isn't one, 1 creates the room.
 */
function addEvents(dice: SeededDice, all: MadeEvent[], count: number): void {
  const latest = new Map<number, number>();
  all.forEach(({ key }, nid) => latest.set(key, nid));
  const levels = all.flatMap(({ key }, nid) => (key === levelsKey ? nid : []));
  let joining = 0;
  for (let i = 0; i < count; i++) {
    const nid = all.length;
    // Crowds come between two changes of power levels, and all of them rest on the first of these.
    if (dice.chance(0.02)) joining = dice.below(members);
    const isLevels = levels.length === 0 || (joining-- < 0 && dice.chance(0.2));
    const key = isLevels ? levelsKey : 2 + dice.below(members);
    const auth = new Set<number>([1]);
    const recent = levels.slice(-4);
    if (recent.length > 0 && !dice.chance(0.15))
      auth.add(dice.chance(0.05) ? dice.pick(levels) : dice.chance(0.2) ? dice.pick(recent) : recent.at(-1)!);
    const own = latest.get(key);
    if (own !== undefined && dice.chance(0.8)) auth.add(own);
    if (dice.chance(0.3)) {
      const other = latest.get(2 + dice.below(members));
      if (other !== undefined) auth.add(other);
    }
    all.push({ key, auth: [...auth] });
    latest.set(key, nid);
    if (isLevels) levels.push(nid);
  }
}

/** What the room was at some time, but for some keys; the later states agree with the first on more or fewer of its keys. */
function statesOf(dice: SeededDice, all: readonly MadeEvent[]): Map<number, number>[] {
  const states: Map<number, number>[] = [];
  const alike = dice.pick([0, 0.03, 0.5, 0.9, 0.99]);
  for (let i = 0; i < 2 + dice.below(3); i++) {
    const state = new Map<number, number>();
    const end = dice.chance(0.5) ? all.length : 2 + dice.below(all.length - 2);
    all.slice(0, end).forEach(({ key }, nid) => nid > 0 && state.set(key, nid));
    for (const key of new Set([...state.keys(), ...(states[0]?.keys() ?? [])])) {
      const first = states[0]?.get(key);
      if (first !== undefined && dice.chance(alike)) state.set(key, first);
      else if (dice.chance(0.1)) state.delete(key);
    }
    states.push(state);
  }
  return states;
}

describeDatabases((open, dialect) => {
  describe('in large rooms at random', () => {
    const numbers = Array.from({ length: seeds[dialect] }, (_none, i) => i + 1);

    it.each(numbers)('the auth difference is that of whole auth chains: seed %i', { timeout: 60_000 }, async (seed) => {
      const dice = new SeededDice(seed);
      const room = new MadeRoom(await open([...eventsMigrations, ...authGraphMigrations]));
      room.longSearch = dice.pick([0, 100, 10_000]);
      const all: MadeEvent[] = [nothing, { key: 0, auth: [] }];
      await room.store(all);
      // What was asked for in between is in memory when more is stored.
      for (let round = 0; round < 4; round++) {
        const before = all.length;
        addEvents(dice, all, 200);
        await room.store(all.slice(before), [3 + dice.below(100), 3 + dice.below(10)]);
        if (dice.chance(0.2)) room.restart();
        for (let i = 0; i < 6; i++) {
          // Often one of the states has an event that isn't stored yet.
          const seen = [...all];
          if (dice.chance(0.5)) addEvents(dice, seen, 1);
          const pending = seen[all.length];
          const states = statesOf(dice, all);
          if (pending) states[dice.below(states.length)]!.set(pending.key, all.length);
          const edges = (id: string): string[] => seen[Number(id)]!.auth.map(String);
          const sets = states.map((state) => [...state.values()].map(String));
          const found = await room.difference(states, pending);
          expect(found.map(String).toSorted()).toEqual([...authDifference(sets, edges)].toSorted());
          const conflicted = [...new Set(sets.flat())].filter((id) => dice.chance(0.02) || Number(id) === all.length);
          if (conflicted.length === 0) continue;
          const subgraph = await room.subgraph(conflicted.map(Number), pending);
          expect(subgraph.map(String).toSorted()).toEqual([...conflictedSubgraph(conflicted, edges)].toSorted());
        }
      }
    });
  });
});

const nothing: MadeEvent = { key: 99_999, auth: [] };
