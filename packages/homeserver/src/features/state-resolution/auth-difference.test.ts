import { authDifference, roomVersion, type RoomVersion } from '@myelin/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citationPage, type AuthGraph } from '../auth-graph/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';
import { AuthDifference, conflictedSubgraph, type AuthDifferenceParts } from './auth-difference.ts';
import { differencesOf, type Differences } from './differences.ts';
import { IndexedView } from './indexed-view.ts';

/** An event is its number; of each, its state key and its auth events, which have smaller numbers. */
interface MadeEvent {
  readonly key: number;
  readonly auth: readonly number[];
}

/** What is asked of the graph and the states, from lists in memory. */
class InMemory {
  readonly events: readonly MadeEvent[];
  readonly states: readonly ReadonlyMap<number, number>[];
  readonly #citing: number[][];
  /** How many events were looked up. */
  looked = 0;

  constructor(events: readonly MadeEvent[], states: readonly ReadonlyMap<number, number>[]) {
    this.events = events;
    this.states = states;
    this.#citing = events.map(() => []);
    events.forEach(({ auth }, nid) => auth.forEach((each) => this.#citing[each]?.push(nid)));
  }

  get parts(): AuthDifferenceParts {
    return {
      graph: {
        cachedAuthEventsOf: () => undefined,
        authEventsOf: async (nids: readonly number[]) => {
          this.looked++;
          return new Map(nids.map((nid) => [nid, this.events[nid]?.auth]));
        },
        citations: async (auth: number, after: number) => {
          this.looked++;
          const found = this.#citing[auth]?.filter((nid) => nid > after).slice(0, citationPage) ?? [];
          return found.map((event) => ({ event, stateKey: this.events[event]?.key }));
        },
      } as unknown as AuthGraph,
      version: roomVersion('11') as RoomVersion,
      reader: undefined,
      pending: new Map(),
      stateKeyOf: async (nid) => this.events[nid]?.key as StateKeyNid,
      maxEvents: 100_000,
      pause: async () => {},
    };
  }

  async difference(): Promise<number[]> {
    const maps = {
      get: async (root: number, key: number) => this.states[root]?.get(key),
      diff: async (a: number, b: number) => {
        const keys = new Set([...(this.states[a]?.keys() ?? []), ...(this.states[b]?.keys() ?? [])]);
        return [...keys].map((key) => ({ key, before: this.states[a]?.get(key), after: this.states[b]?.get(key) }));
      },
    } as unknown as StateMaps;
    const views = this.states.map((_state, root) => {
      return new IndexedView({ root: root as StateRoot, changes: [] }, maps, undefined);
    });
    const differences = (await differencesOf(views, maps, undefined)) as Differences;
    return new AuthDifference(views, differences, this.parts).find();
  }
}

const keys = 8;
const events = fc
  .array(fc.tuple(fc.nat(keys - 1), fc.array(fc.nat(1_000), { maxLength: 4 })), { minLength: 5, maxLength: 60 })
  .map((all) =>
    all.map(([key, auth], nid): MadeEvent => {
      return { key, auth: nid < 2 ? [] : [...new Set(auth.map((each) => 1 + (each % (nid - 1))))] };
    }),
  );
const choices = fc.array(fc.array(fc.option(fc.nat(1_000), { freq: 6 }), { minLength: keys, maxLength: keys }), {
  minLength: 2,
  maxLength: 4,
});
/** How many keys all states have the same for. */
const agreed = fc.nat(keys);

describe('the auth difference', () => {
  it('is that of the definition, over whole auth chains', async () => {
    await fc.assert(
      fc.asyncProperty(events, choices, agreed, async (all, chosen, same) => {
        const states = chosen.map((choice) => {
          const state = new Map<number, number>();
          for (let key = 0; key < keys; key++) {
            const ofKey = all.flatMap((event, nid) => (nid > 0 && event.key === key ? nid : []));
            const which = key < same ? chosen[0]?.[key] : choice[key];
            if (ofKey.length > 0 && which !== null && which !== undefined) state.set(key, ofKey[which % ofKey.length]!);
          }
          return state;
        });
        const expected = authDifference(
          states.map((state) => [...state.values()].map(String)),
          (id) => all[Number(id)]?.auth.map(String) ?? [],
        );
        const found = await new InMemory(all, states).difference();
        expect(new Set(found.map(String))).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }),
      { numRuns: 500 },
    );
  });

  it('of an old event and a new one takes no walk along what lies between', async () => {
    // 0 isn't an event; 1 is the first, 2 an old topic, then comes a long chain of power levels, and a new topic.
    const chain = Array.from({ length: 5_000 }, (_none, i): MadeEvent => ({ key: 1, auth: [i === 0 ? 1 : i + 2] }));
    const newest = chain.length + 2;
    const all = [
      { key: 9, auth: [] },
      { key: 0, auth: [] },
      { key: 2, auth: [1] },
      ...chain,
      { key: 2, auth: [1, newest] },
    ];
    const state = [
      [0, 1],
      [1, newest],
    ] as const;
    const room = new InMemory(all, [new Map([...state, [2, 2]]), new Map([...state, [2, newest + 1]])]);
    expect(new Set(await room.difference())).toEqual(new Set([2, newest + 1]));
    expect(room.looked).toBeLessThan(20);
  });
});

it('the conflicted subgraph has what lies between conflicted events, and these', async () => {
  const all = [[], [], [1], [1], [2], [2, 3], [4]].map((auth) => ({ key: 0, auth }));
  const found = await conflictedSubgraph([2, 6] as EventNid[], new InMemory(all, []).parts);
  expect([...found].toSorted()).toEqual([2, 4, 6]);
});
