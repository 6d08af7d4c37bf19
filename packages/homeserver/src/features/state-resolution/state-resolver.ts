import type { Reader, Writer } from '@myelin/database';
import type { ResolutionObserver } from '@myelin/protocol';
import { Breather, type Clock, type Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names } from '../names/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';
import { PowerLevelTree } from './power-level-tree.ts';
import { ResolutionRun, type ResolutionScope } from './resolution-run.ts';
import { keyOfView, type StateView } from './state-view.ts';

export interface StateResolverParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly graph: AuthGraph;
  /** How many events a resolution may look at. */
  readonly maxEvents?: number;
}

export interface ResolveOptions {
  /** Events that the states have and that aren't stored yet. */
  readonly pending?: readonly StoredEvent[];
  /** A transaction, if the states are its own. */
  readonly reader?: Reader;
}

const defaultMaxEvents = 100_000;

/** Resolves states of a room, by their differences. Room Versions, "State resolution". */
export class StateResolver {
  readonly #parts: StateResolverParts;
  readonly #results = boundedCache<string, StateView>(5_000);
  readonly #levels = new PowerLevelTree();
  /** By which text a state was known before it was stored. */
  readonly #origins = boundedCache<StateRoot, string>(5_000);
  readonly #roots = boundedCache<string, StateRoot>(5_000);

  constructor(parts: StateResolverParts) {
    this.#parts = parts;
  }

  /**
   * What these states resolve to: one of them as it was given, if it is that. Doesn't depend on their order but for which
   * one that is. Throws ResolutionBudgetError.
   */
  async resolve(
    scope: ResolutionScope,
    states: readonly StateView[],
    options: ResolveOptions = {},
  ): Promise<StateView> {
    const distinct = new Map<string, StateView>();
    for (const state of states) {
      const key = this.#keyOf(state);
      if (!distinct.has(key)) distinct.set(key, state);
    }
    if (distinct.size === 1) return states[0] as StateView;
    const key = `${scope.room} ${[...distinct.keys()].toSorted().join(' ')}`;
    const known = this.#results.get(key);
    if (known) return distinct.get(this.#keyOf(known)) ?? known;
    const { names, events, maps, graph, maxEvents = defaultMaxEvents } = this.#parts;
    const parts = { names, events, maps, graph, levels: this.#levels, maxEvents, pause: this.#pausing() };
    const views = [...distinct.values()];
    const result = await new ResolutionRun(parts, scope, views, options.pending ?? [], options.reader).run();
    this.#results.set(key, result);
    return result;
  }

  /** As `resolve`, anew, telling what it does. */
  trace(scope: ResolutionScope, states: readonly StateView[], observe: ResolutionObserver): Promise<StateView> {
    const { names, events, maps, graph, maxEvents = defaultMaxEvents } = this.#parts;
    const parts = { names, events, maps, graph, levels: this.#levels, maxEvents, observe, pause: this.#pausing() };
    return new ResolutionRun(parts, scope, states, [], undefined).run();
  }

  /** The number of a state: its nodes are stored if they weren't yet. */
  async store(writer: Writer, state: StateView): Promise<StateRoot> {
    if (state.changes.length === 0) return state.root;
    const key = keyOfView(state);
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const root = await this.#parts.maps.apply(writer, state.root, state.changes);
    this.noteStored(writer, state, root);
    return root;
  }

  /** `state` is stored as `root` in this transaction: what it was resolved to holds for both. */
  noteStored(writer: Writer, state: StateView, root: StateRoot): void {
    if (state.changes.length === 0) return;
    const key = keyOfView(state);
    writer.onDurable(() => {
      this.#roots.set(key, root);
      this.#origins.set(root, key);
    });
  }

  #keyOf(state: StateView): string {
    return (state.changes.length === 0 ? this.#origins.get(state.root) : undefined) ?? keyOfView(state);
  }

  #pausing(): () => Promise<void> | undefined {
    const breather = new Breather(this.#parts.clock, this.#parts.timers);
    return () => breather.pause();
  }
}
