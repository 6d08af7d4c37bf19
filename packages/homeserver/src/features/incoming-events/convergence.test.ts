import { describeDatabases } from '@myelin/database/testing';
import { prevEventIds, stateMapKey } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { createCore, type Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import type { StateRoot } from '../state-map/index.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import type { MadeEvent } from './testing/other-room.ts';
import { addRandom, anyHistory, creator, startRoom } from './testing/random-history.ts';

const orders = fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 60 });

describeDatabases((open, dialect) => {
  /** The last one takes every resolution for a large one. */
  let servers: [Core, Core, Core];
  let rooms = 0;
  beforeAll(async () => {
    const large = { mostInPlace: 0 };
    servers = [
      await IntakeBench.open(await open(allMigrations)),
      await IntakeBench.open(await open(allMigrations)),
      await createCore(testConfig(), systemRuntime, await open(allMigrations), large),
    ];
  });

  async function stateOf(core: Core, root: StateRoot): Promise<Map<string, string>> {
    const events = await core.states.all(root);
    return new Map(events.map((event) => [stateMapKey(event.type, event.stateKey ?? ''), event.eventId]));
  }

  /** All events of the room after the join, in an order, to one server; each must have the state that the oracle says. */
  async function follow(bench: IntakeBench, events: readonly MadeEvent[]): Promise<void> {
    // Where too much is missing at once, an event is refused and comes again when more is there.
    const refused = new Set(events);
    for (let round = 0; round < 5 && refused.size > 0; round++) {
      for (const event of refused) {
        const verdict = await bench.receive(event).catch(() => undefined);
        if (verdict) refused.delete(event);
      }
    }
    for (const event of events) {
      const stored = await bench.core.events.find(event.eventId);
      expect(stored, `${event.pdu.type} ${event.eventId}`).toBeDefined();
      expect(await stateOf(bench.core, stored!.fields.stateAfter)).toEqual(new Map(event.state));
    }
  }

  /** What is shown of a room and followed by nothing that is, not even behind what is hidden. */
  async function endsOf({ core, room }: IntakeBench): Promise<Set<string>> {
    const stored = await core.events.findMany(room.events.keys());
    const shown = [...stored.values()].filter((event) => event.isShown && !event.isOutlier);
    const followed = new Set<string>();
    for (const event of shown) for (const id of prevEventIds(event.pdu, room.version)) followed.add(id);
    for (const id of followed) {
      const hidden = stored.get(id);
      if (hidden && !hidden.isShown) for (const before of prevEventIds(hidden.pdu, room.version)) followed.add(before);
    }
    return new Set(shown.map(({ eventId }) => eventId).filter((id) => !followed.has(id)));
  }

  it.each(['6', '11', '12'])(
    'servers that get the events of a forked room of version %s in different orders have the same state at each',
    { timeout: 120_000 },
    async (version) => {
      await fc.assert(
        fc.asyncProperty(anyHistory(8, 35), orders, async (all, order) => {
          const { room, join } = startRoom(version, `!fork${rooms++}:a.test`);
          const made = all.map((each) => addRandom(room, join, each));
          const events = [...new Map(made.map((event) => [event.eventId, event])).values()];
          const end = room.send({ type: 'm.room.message', sender: creator, content: { body: 'end' } });
          const shuffled = events
            .map((event, i) => [order[i % order.length] as number, event] as const)
            .toSorted((a, b) => a[0] - b[0])
            .map(([, event]) => event);
          const ends: Map<string, string>[] = [];
          for (const [i, core] of servers.entries()) {
            const bench = new IntakeBench(core, room);
            await bench.enter(join);
            await follow(bench, i === 0 ? events : shuffled);
            const extremities = (await bench.head()).extremities.map(({ eventId }) => eventId);
            expect(new Set(extremities)).toEqual(await endsOf(bench));
            const state = room.stateAfterAll(extremities.map((id) => room.get(id)));
            expect(await bench.state()).toEqual(new Map(state));
            await bench.receive(end);
            const stored = await core.events.find(end.eventId);
            ends.push(await stateOf(core, stored!.fields.stateBefore));
          }
          expect(ends[0]).toEqual(new Map(end.state));
          expect(ends[1]).toEqual(ends[0]);
          expect(ends[2]).toEqual(ends[0]);
        }),
        { numRuns: dialect === 'sqlite' ? 12 : 3, endOnFailure: true },
      );
    },
  );
});
