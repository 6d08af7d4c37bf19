import { describeDatabases } from '@myelin/database/testing';
import { stateMapKey } from '@myelin/protocol';
import { SeededDice } from '@myelin/runtime/testing';
import { describe, expect, it, vi } from 'vitest';
import { allMigrations } from '../../migrations.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './testing/other-room.ts';
import { TangledHistory } from './testing/tangled-history.ts';

const owner = '@owner:a.test';
const seeds = { sqlite: ['6', '11', '11', '11', '12', '12'], postgres: ['11', '12'] };

describeDatabases((open, dialect) => {
  const openBench = async (room: OtherRoom): Promise<IntakeBench> =>
    new IntakeBench(await IntakeBench.open(await open(allMigrations)), room);

  describe('a fork between a state without members and a whole one', () => {
    it('has no dispute about members whom one side does not know', async () => {
      const room = new OtherRoom(new FictitiousServers(), owner);
      room.newest = [room.create];
      room.member(owner, 'join');
      room.send({ type: 'm.room.power_levels', sender: owner, stateKey: '', content: { users: { [owner]: 100 } } });
      room.send({ type: 'm.room.join_rules', sender: owner, stateKey: '', content: { join_rule: 'public' } });
      const many = Array.from({ length: 60 }, (_none, i) => room.member(`@m${i}:a.test`, 'join'));
      const before = many.at(-1)!;
      const join = room.member('@alice:test', 'join');
      const topic = (name: string, after: MadeEvent): MadeEvent =>
        room.make({ type: 'm.room.topic', sender: owner, stateKey: '', content: { topic: name }, after: [after] });
      const ban = room.make({
        type: 'm.room.member',
        sender: owner,
        stateKey: '@m1:a.test',
        content: { membership: 'ban' },
        after: [before],
      });
      const [one, other] = [topic('one', join), topic('other', ban)];
      const said = { type: 'm.room.message', sender: '@m2:a.test', content: { body: 'both' } };
      const both = room.make({ ...said, after: [one, other] });

      const bench = await openBench(room);
      await bench.enter(join, { isPartial: true });
      await bench.receive(one);
      const resolve = vi.spyOn(bench.core.resolver, 'resolve');
      expect(await bench.receive(both)).toBe('accepted');
      const forked = resolve.mock.calls.filter(([, states]) => states.length > 1);
      expect(forked.length).toBeGreaterThan(0);
      for (const [scope, states, options] of forked) {
        const observed: string[] = [];
        await bench.core.resolver.trace(
          scope,
          states,
          (step) => step.kind === 'conflicts' && observed.push(...step.conflicts.map(({ stateKey }) => stateKey)),
          options?.lacksMembers,
        );
        expect(observed.filter((key) => key.startsWith('@m')).length).toBeLessThanOrEqual(1);
      }
      // All that the whole side knows is here, and the topic is the one that resolution chooses.
      expect(await bench.state()).toEqual(new Map(both.state));
      await bench.intake.completeRoom('a.test', room.roomId);
      expect(bench.core.partialRooms.isPartial(await bench.nid())).toBe(false);
      expect(await bench.state()).toEqual(new Map(both.state));
    });

    const numbered = seeds[dialect].map((version, i) => [i + 1, version] as const);
    it.each(numbered)(
      'comes to the state of the plain algorithm once the members are known: seed %i, version %s',
      { timeout: 120_000 },
      async (seed, version) => {
        const history = new TangledHistory(new SeededDice(seed), version, `!partial${seed}:a.test`);
        history.besideJoin = 0.1;
        const { room } = history;
        const bench = await openBench(room);
        await bench.enter(history.join, { isPartial: true });
        const resolve = vi.spyOn(bench.core.resolver, 'resolve');
        const waiting: MadeEvent[] = [];
        for (let i = 0; i < (dialect === 'sqlite' ? 80 : 40); i++) {
          const event = history.add();
          if (!(await bench.receive(event).catch(() => undefined))) waiting.push(event);
        }
        const forked = resolve.mock.calls.filter(([, states, options]) => options?.lacksMembers && states.length > 1);
        expect(forked.length).toBeGreaterThan(5);
        await bench.intake.completeRoom('a.test', room.roomId);
        expect(bench.core.partialRooms.isPartial(await bench.nid())).toBe(false);
        // What came when too much was missing comes once more; the server may have been shut out on all branches but one.
        for (const event of waiting) await bench.receive(event).catch(() => undefined);
        let compared = 0;
        for (const event of history.events) {
          const stored = await bench.core.events.find(event.eventId);
          if (!stored || stored.isOutlier) continue;
          compared++;
          const state = await bench.core.states.all(stored.fields.stateAfter);
          const ids = state.map((each) => [stateMapKey(each.type, each.stateKey ?? ''), each.eventId] as const);
          expect(new Map(ids)).toEqual(new Map(event.state));
          expect(stored.isRejected).toBe(history.refused.has(event));
        }
        expect(compared).toBeGreaterThan(history.events.length / 2);
        expect(await bench.state()).toEqual(await bench.plainState());
      },
    );
  });
});
