import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventWithId } from '../auth/auth-state.ts';
import { authEventIds, prevEventIds, stateMapKey } from '../events/event.ts';
import type { BuiltState, RoomBuilder } from '../testing/room-builder.ts';
import { randomRoom, resolved, statesInOrder, type Step } from '../testing/random-room.ts';
import { authDifference, conflictedSubgraph } from './auth-graph.ts';
import { resolveState, type ResolutionSource } from './resolve-state.ts';
import { ResolutionBudgetError, type StateConflict } from './resolution.ts';
import { resolveStateSets } from './state-sets.ts';

const versions = ['1', '2', '6', '11', '12'];
const number = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.tuple(number, number, number, number, number, number);
const steps = fc.array(step, { minLength: 15, maxLength: 45 });

function sorted(state: BuiltState): string[] {
  return [...state.values()].sort();
}

function statesAtEnds(room: RoomBuilder, ends: readonly EventWithId[]): BuiltState[] {
  const states = statesInOrder(room, [...room.events.values()]);
  return ends.map(({ eventId }) => states.get(eventId)!);
}

/** Another order in which the events can arrive, each after those before it. */
function otherOrder(room: RoomBuilder, ranks: readonly number[]): EventWithId[] {
  const waiting = [...room.events.values()];
  const arrived = new Set<string>();
  const order: EventWithId[] = [];
  for (let turn = 0; waiting.length > 0; turn++) {
    const ready = waiting.filter(({ pdu }) => prevEventIds(pdu, room.version).every((id) => arrived.has(id)));
    const next = ready[ranks[turn % ranks.length]! % ready.length]!;
    waiting.splice(waiting.indexOf(next), 1);
    arrived.add(next.eventId);
    order.push(next);
  }
  return order;
}

describe.each(versions)('state resolution, room version %s', (version) => {
  it('comes to the same state whatever order events arrive in and states are given in', () => {
    fc.assert(
      fc.property(steps, fc.array(number, { minLength: 5, maxLength: 20 }), (history, ranks) => {
        const { room, ends } = randomRoom(version, history);
        const states = statesAtEnds(room, ends);
        const expected = sorted(resolved(room, states));

        const elsewhere = statesInOrder(room, otherOrder(room, ranks));
        const shuffled = ends
          .map(({ eventId }, index) => ({ state: elsewhere.get(eventId)!, rank: ranks[index % ranks.length]! }))
          .sort((x, y) => x.rank - y.rank)
          .map(({ state }) => new Map([...state].reverse()));
        expect(sorted(resolved(room, shuffled))).toEqual(expected);
        expect(sorted(resolved(room, [...states, ...states]))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves a resolved state as it is', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { room, ends } = randomRoom(version, history);
        const once = resolved(room, statesAtEnds(room, ends));
        expect(sorted(resolved(room, [once]))).toEqual(sorted(once));
        expect(sorted(resolved(room, [once, once]))).toEqual(sorted(once));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what all states agree on and takes nothing that none of them or their auth chains has', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { room, ends } = randomRoom(version, history);
        const states = statesAtEnds(room, ends);
        const result = resolved(room, states);
        for (const [key, id] of states[0]!) {
          if (states.every((state) => state.get(key) === id)) expect(result.get(key)).toBe(id);
        }
        for (const [key, id] of result) {
          const { pdu } = room.events.get(id)!;
          expect(stateMapKey(pdu.type, pdu.state_key!)).toBe(key);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('comes to the same from differences, with events fetched in batches', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { room, ends } = randomRoom(version, history);
        const states = statesAtEnds(room, ends);
        const { conflicts, unconflicted } = differences(room, states);
        const asked: string[] = [];
        const source = sourceOf(room, states, unconflicted, asked);
        const changes = await resolveState({ version: room.version, roomId: room.roomId, conflicts }, source);
        const result = new Map(unconflicted);
        for (const { type, stateKey, eventId } of changes) {
          const key = stateMapKey(type, stateKey);
          expect(unconflicted.has(key)).toBe(false);
          if (eventId !== undefined) result.set(key, eventId);
        }
        expect(sorted(result)).toEqual(sorted(resolved(room, states)));
        expect(new Set(asked).size).toBe(asked.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the budget of a resolution', () => {
  it('is kept', () => {
    const { room, states } = forkedTopics('11', 30);
    const input = {
      version: room.version,
      roomId: room.roomId,
      stateSets: states.map((state) => [...state.values()]),
      event: (id: string) => room.events.get(id),
    };
    expect(() => resolveStateSets({ ...input, maxEvents: 20 })).toThrow(ResolutionBudgetError);
    expect(resolveStateSets({ ...input, maxEvents: 200 }).size).toBeGreaterThan(30);
  });

  it('lets others have the thread now and then', async () => {
    const { room, states } = forkedTopics('12', 450);
    const { conflicts, unconflicted } = differences(room, states);
    let pauses = 0;
    const source = { ...sourceOf(room, states, unconflicted, []), pause: async () => void pauses++ };
    await resolveState({ version: room.version, roomId: room.roomId, conflicts }, source);
    expect(pauses).toBeGreaterThanOrEqual(4);
  });
});

/** Two states that differ in `count` keys. */
function forkedTopics(version: string, count: number): { room: RoomBuilder; states: BuiltState[] } {
  const { room, ends } = randomRoom(version, []);
  const [base] = statesAtEnds(room, ends);
  const states = ['a', 'b'].map((tag) => {
    const state = new Map(base);
    for (let index = 0; index < count; index++) {
      const spec = { type: 'org.example', sender: '@alice:one.test', stateKey: `${index}`, content: { tag } };
      state.set(stateMapKey(spec.type, spec.stateKey), room.add(spec, ends, base!).eventId);
    }
    return state;
  });
  return { room, states };
}

function differences(
  room: RoomBuilder,
  states: readonly BuiltState[],
): { conflicts: StateConflict[]; unconflicted: Map<string, string> } {
  const conflicts: StateConflict[] = [];
  const unconflicted = new Map<string, string>();
  for (const key of new Set(states.flatMap((state) => [...state.keys()]))) {
    const ids = new Set(states.map((state) => state.get(key)));
    const candidates = [...ids].filter((id) => id !== undefined);
    if (ids.size === 1) {
      unconflicted.set(key, candidates[0]!);
    } else {
      const { type, state_key: stateKey } = room.events.get(candidates[0]!)!.pdu;
      conflicts.push({ type, stateKey: stateKey!, candidates });
    }
  }
  return { conflicts, unconflicted };
}

function sourceOf(
  room: RoomBuilder,
  states: readonly BuiltState[],
  unconflicted: ReadonlyMap<string, string>,
  asked: string[],
): ResolutionSource {
  const edges = (id: string): string[] => authEventIds(room.events.get(id)!.pdu, room.version);
  return {
    events: async (ids) => {
      asked.push(...ids);
      return ids.map((id) => room.events.get(id)!);
    },
    unconflictedState: async (keys) => keys.map(({ type, stateKey }) => unconflicted.get(stateMapKey(type, stateKey))),
    authDifference: async () =>
      authDifference(
        states.map((state) => state.values()),
        edges,
      ),
    conflictedSubgraph: async (conflicted) => conflictedSubgraph(conflicted, edges),
  };
}
