import type { Reader, Writer } from '@myelin/database';
import type { ResolutionObserver } from '@myelin/protocol';
import { Breather, type Clock, type Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { KeyedSlots } from '../../queues/index.ts';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names } from '../names/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';
import { PowerLevelTree } from './power-level-tree.ts';
import { ResolutionRun, type ResolutionScope, type RunParts } from './resolution-run.ts';
import type { ResolutionThread } from './resolution-thread.ts';
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
  readonly large?: LargeResolutions | undefined;
}

/** What is done with large resolutions. */
export interface LargeResolutions {
  /** Where they run; in place if absent. */
  readonly thread?: Pick<ResolutionThread, 'resolve' | 'changed' | 'chained'>;
  /** They are those of states that differ in more keys than this. */
  readonly mostInPlace?: number;
}

export interface ResolveOptions {
  /** Events that the states have and that aren't stored yet. */
  readonly pending?: readonly StoredEvent[];
  /**
   * Some of the states lack members who aren't known yet: whom those that have them have alike isn't in dispute then, however many
   * these are. What comes out is to be found out anew when the members are known.
   */
  readonly lacksMembers?: boolean;
  /** A transaction, if the states are its own. */
  readonly reader?: Reader;
}

const defaultMaxEvents = 100_000;
/** So many conflicts take some 10 ms: two slices of the event loop. */
const defaultMostInPlace = 100;

/** Resolves states of a room, by their differences. Room Versions, "State resolution". */
export class StateResolver {
  readonly #parts: StateResolverParts;
  readonly #results = boundedCache<string, StateView>(5_000);
  readonly #levels = new PowerLevelTree();
  /** Large resolutions of a room run one at a time. */
  readonly #large = new KeyedSlots({ atOnce: 1 });
  /** By which text a state was known before it was stored. */
  readonly #origins = boundedCache<StateRoot, string>(5_000);
  readonly #roots = boundedCache<string, StateRoot>(5_000);
  #onResolved: (states: number) => void = () => {};

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
    return (await this.#find(scope, states, options, false)) as StateView;
  }

  /** As `resolve`; undefined if the states differ in so much that others would have to wait long for it. */
  resolveSmall(
    scope: ResolutionScope,
    states: readonly StateView[],
    options: ResolveOptions = {},
  ): Promise<StateView | undefined> {
    return this.#find(scope, states, options, true);
  }

  async #find(
    scope: ResolutionScope,
    states: readonly StateView[],
    options: ResolveOptions,
    onlySmall: boolean,
  ): Promise<StateView | undefined> {
    const distinct = new Map<string, StateView>();
    for (const state of states) {
      const key = this.#keyOf(state);
      if (!distinct.has(key)) distinct.set(key, state);
    }
    if (distinct.size === 1) return states[0] as StateView;
    const key = `${scope.room} ${options.lacksMembers ? 'without members ' : ''}${[...distinct.keys()].toSorted().join(' ')}`;
    const known = this.#results.get(key);
    if (known) return distinct.get(this.#keyOf(known)) ?? known;
    const result = await this.#resolve(scope, key, [...distinct.values()], options, onlySmall);
    if (!result) return undefined;
    this.#onResolved(distinct.size);
    this.#results.set(key, result);
    return distinct.get(this.#keyOf(result)) ?? result;
  }

  /** `listener` is told of each resolution that had to be made, of how many states it was. */
  onResolved(listener: (states: number) => void): void {
    this.#onResolved = listener;
  }

  /** As `resolve`, anew, telling what it does. */
  trace(
    scope: ResolutionScope,
    states: readonly StateView[],
    observe: ResolutionObserver,
    lacksMembers = false,
  ): Promise<StateView> {
    return new ResolutionRun({ ...this.#runParts(), observe, lacksMembers }, scope, states, [], undefined).run();
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

  async #resolve(
    scope: ResolutionScope,
    key: string,
    views: readonly StateView[],
    { pending = [], reader, lacksMembers = false }: ResolveOptions,
    onlySmall: boolean,
  ): Promise<StateView | undefined> {
    const { large } = this.#parts;
    const inPlace = (): ResolutionRun =>
      new ResolutionRun({ ...this.#runParts(), lacksMembers }, scope, views, pending, reader);
    // A transaction sees what the thread doesn't, and nobody else writes while it waits.
    const thread = reader ? undefined : large?.thread;
    if (!thread && !onlySmall) return inPlace().run();
    const small = await inPlace().runSmall(large?.mostInPlace ?? defaultMostInPlace);
    if (small || onlySmall || !thread) return small;
    return this.#large.run(String(scope.room), async () => {
      const known = this.#results.get(key);
      if (known) return known;
      const { room, roomId, version } = scope;
      const { maxEvents } = this.#runParts();
      const unstored = pending.map(({ fields }) => fields);
      const job = { room, roomId, version: version.id, states: views, pending: unstored, maxEvents, lacksMembers };
      return (await thread.resolve(job)) ?? inPlace().run();
    });
  }

  #runParts(): RunParts {
    const { names, events, maps, graph, maxEvents = defaultMaxEvents } = this.#parts;
    return { names, events, maps, graph, levels: this.#levels, maxEvents, pause: this.#pausing() };
  }

  #keyOf(state: StateView): string {
    return (state.changes.length === 0 ? this.#origins.get(state.root) : undefined) ?? keyOfView(state);
  }

  #pausing(): () => Promise<void> | undefined {
    const breather = new Breather(this.#parts.clock, this.#parts.timers);
    return () => breather.pause();
  }
}
