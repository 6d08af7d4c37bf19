import { describeDatabases } from '@myelin/database/testing';
import { resolveStateSets, stateMapKey, type ResolutionStep } from '@myelin/protocol';
import { SeededDice } from '@myelin/runtime/testing';
import { describe, expect, it } from 'vitest';
import { allMigrations } from '../../migrations.ts';
import { statesAfter } from '../state-resolution/index.ts';
import type { StoredEvent } from '../events/index.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import type { MadeEvent } from './testing/other-room.ts';
import { TangledHistory } from './testing/tangled-history.ts';

const seeds = { sqlite: ['6', '9', '11', '11', '12', '12'], postgres: ['11', '12'] };
const rounds = 3;
const eventsARound = { sqlite: 80, postgres: 25 };

/** What the order of events depends on. */
function essence(steps: readonly ResolutionStep[]): unknown[] {
  return steps.flatMap((step): unknown[] => {
    if (step.kind === 'ordered') return [[step.phase, step.eventIds, step.powerLevels]];
    if (step.kind !== 'full-conflicted-set') return [];
    return [['full', step.authDifference.toSorted(), step.subgraph?.toSorted()]];
  });
}

describeDatabases((open, dialect) => {
  const numbered = seeds[dialect].map((version, i) => [i + 1, version] as const);

  describe('in a long and tangled history', () => {
    it.each(numbered)(
      'each resolution is that of whole states and auth chains: seed %i, version %s',
      { timeout: 120_000 },
      async (seed, version) => {
        const dice = new SeededDice(seed);
        const history = new TangledHistory(dice, version, `!tangled${seed}:a.test`);
        const { room } = history;
        const database = await open(allMigrations);
        let bench = new IntakeBench(await IntakeBench.open(database), room);
        await bench.enter(history.join);

        const stored = async (made: MadeEvent): Promise<StoredEvent> => (await bench.core.events.find(made.eventId))!;
        const receive = async (made: MadeEvent): Promise<boolean> => {
          // Where too much is missing at once, an event is refused and comes again when more is there.
          if (!(await bench.receive(made).catch(() => undefined))) return false;
          // Events that come resolve the room's ends before they are stored.
          expect(await bench.state()).toEqual(await bench.plainState());
          return true;
        };

        for (let round = 0; round < rounds; round++) {
          const made = Array.from({ length: eventsARound[dialect] }, () => history.add());
          // Most come in order; some much later than what follows them.
          const late = made.filter(() => dice.chance(0.2));
          let coming = [...made.filter((event) => !late.includes(event)), ...dice.shuffled(late)];
          for (let i = 0; i < 5 && coming.length > 0; i++) {
            const again: MadeEvent[] = [];
            for (const event of coming) if (!(await receive(event))) again.push(event);
            coming = again;
          }
          expect(coming).toEqual([]);

          const head = await bench.head();
          const good = history.events.filter((event) => !history.refused.has(event));
          for (let i = 0; i < 20; i++) {
            const newest = dice.chance(0.5) ? good.slice(-40) : good;
            const chosen = Array.from({ length: 2 + dice.below(2) }, () => dice.pick(newest));
            const events = await Promise.all(chosen.map(stored));
            for (const [at, event] of events.entries()) {
              const state = await bench.core.states.all(event.fields.stateAfter);
              const ids = state.map((each) => [stateMapKey(each.type, each.stateKey ?? ''), each.eventId] as const);
              expect(new Map(ids)).toEqual(new Map(chosen[at]!.state));
            }
            const found: ResolutionStep[] = [];
            await bench.core.resolver.trace(head, statesAfter(events), (step) => found.push(step));
            const expected: ResolutionStep[] = [];
            resolveStateSets({
              version: room.version,
              roomId: room.roomId,
              stateSets: chosen.map(({ state }) => state.values()),
              event: (id) => room.events.get(id),
              observe: (step) => expected.push(step),
            });
            expect(essence(found)).toEqual(found.length === 0 ? [] : essence(expected));
          }
          // Half of the time the server is started anew, with nothing in memory.
          if (dice.chance(0.5)) bench = new IntakeBench(await IntakeBench.open(database), room);
        }
        expect(history.refused.size).toBeGreaterThan(5);
      },
    );
  });
});
