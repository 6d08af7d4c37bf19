import type { Reader } from '@myelin/database';
import {
  authEventIds,
  resolveState,
  type EventWithId,
  type ResolutionObserver,
  type ResolutionSource,
  type ResolvedKey,
  type RoomVersion,
  type StateConflict,
  type StateKeyPair,
} from '@myelin/protocol';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, Names, RoomNid, StateKeyNid } from '../names/index.ts';
import type { StateChange, StateMaps } from '../state-map/index.ts';
import type { AuthDifferenceParts } from './auth-difference-parts.ts';
import { AuthDifference, authEventsOf } from './auth-difference.ts';
import { conflictedSubgraph } from './conflicted-subgraph.ts';
import { assumeMembers, differencesOf, type Differences } from './differences.ts';
import { IndexedView } from './indexed-view.ts';
import type { PowerLevelTree } from './power-level-tree.ts';
import type { StateView } from './state-view.ts';

export interface ResolutionScope {
  readonly room: RoomNid;
  readonly roomId: string;
  readonly version: RoomVersion;
}

export interface RunParts {
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly graph: AuthGraph;
  readonly levels: PowerLevelTree;
  readonly maxEvents: number;
  readonly observe?: ResolutionObserver | undefined;
  /** Whether some of the states lack members who aren't known yet. */
  readonly lacksMembers?: boolean | undefined;
  /** Nothing, or what is to be waited for so that others have the thread. */
  pause(): Promise<void> | undefined;
}

/** So many events are read at once, a few milliseconds if none is in memory. */
const readAtOnce = 250;

/** One resolution of a room's states. */
export class ResolutionRun implements ResolutionSource {
  readonly #parts: RunParts;
  readonly #scope: ResolutionScope;
  readonly #views: readonly IndexedView[];
  readonly #reader: Reader | undefined;
  readonly #byId = new Map<string, StoredEvent>();
  readonly #byNid = new Map<EventNid, StoredEvent>();
  readonly #pending: ReadonlyMap<EventNid, StoredEvent>;
  readonly #pendingEdges = new Map<EventNid, readonly EventNid[]>();
  #differences: Differences = new Map();

  /** `pending`: events of the states that aren't stored yet. */
  constructor(
    parts: RunParts,
    scope: ResolutionScope,
    views: readonly StateView[],
    pending: readonly StoredEvent[],
    reader: Reader | undefined,
  ) {
    this.#parts = parts;
    this.#scope = scope;
    this.#views = views.map((view) => new IndexedView(view, parts.maps, reader));
    this.#reader = reader;
    this.#pending = new Map(pending.map((event) => [event.nid, event]));
  }

  /** The resolved state, as that of the given states which it differs from least. */
  async run(): Promise<StateView> {
    return (await this.runSmall(Infinity)) as StateView;
  }

  /** The same; undefined if the states differ in more than `most` keys. */
  async runSmall(most: number): Promise<StateView | undefined> {
    const { maps, maxEvents, observe, lacksMembers = false } = this.#parts;
    const { version, roomId } = this.#scope;
    const differences = await differencesOf(this.#views, maps, this.#reader, most);
    if (!differences) return undefined;
    // What isn't stored yet stays in dispute: what it rests on isn't known to be common.
    const mayAssume = (event: EventNid): boolean => !this.#pending.has(event);
    const assumed = lacksMembers ? assumeMembers(this.#views, differences, mayAssume) : new Map();
    this.#differences = differences;
    if (this.#differences.size === 0) return this.#closest(assumed);
    for (const event of this.#pending.values()) {
      this.#byId.set(event.eventId, event);
      this.#byNid.set(event.nid, event);
      const known = await this.#parts.events.findNids(authEventIds(event.pdu, version), this.#reader);
      this.#pendingEdges.set(event.nid, [...known.values()]);
    }
    const conflicts = await this.#conflicts();
    const resolved = await resolveState({ version, roomId, conflicts, maxEvents, observe }, this);
    return this.#closest(new Map([...assumed, ...(await this.#changesOf(resolved))]));
  }

  async events(ids: readonly string[]): Promise<Iterable<EventWithId>> {
    const missing = ids.filter((id) => !this.#byId.has(id));
    for (let at = 0; at < missing.length; at += readAtOnce) {
      const some = missing.slice(at, at + readAtOnce);
      for (const [id, event] of await this.#parts.events.findMany(some, this.#reader)) {
        if (event.room !== this.#scope.room) continue;
        this.#byId.set(id, event);
        this.#byNid.set(event.nid, event);
      }
      await this.pause();
    }
    return ids.flatMap((id) => this.#byId.get(id) ?? []);
  }

  async unconflictedState(keys: readonly StateKeyPair[]): Promise<readonly (string | undefined)[]> {
    const { names } = this.#parts;
    const nids: (EventNid | undefined)[] = [];
    for (const { type, stateKey } of keys) {
      const key = await names.findStateKey(type, stateKey, this.#reader);
      const isAgreed = key !== undefined && !this.#differences.has(key);
      nids.push(isAgreed ? await this.#first.value(key) : undefined);
    }
    const events = await this.#eventsOf(nids.filter((nid) => nid !== undefined));
    return nids.map((nid) => (nid === undefined ? undefined : events.get(nid)?.eventId));
  }

  async authDifference(): Promise<Iterable<string>> {
    const difference = await new AuthDifference(this.#views, this.#differences, this.#graphParts()).find();
    return this.#idsOf(difference);
  }

  async conflictedSubgraph(conflicted: readonly string[]): Promise<Iterable<string>> {
    const nids = conflicted.flatMap((id) => this.#byId.get(id)?.nid ?? []);
    return this.#idsOf([...(await conflictedSubgraph(nids, this.#graphParts()))]);
  }

  async mainlinePositions(powerLevels: string, ids: readonly string[]): Promise<number[]> {
    const { names, levels, maxEvents, pause } = this.#parts;
    const key = await names.findStateKey('m.room.power_levels', '', this.#reader);
    const nids = [powerLevels, ...ids].map((id) => (this.#byId.get(id) as StoredEvent).nid);
    const parts = this.#graphParts();
    const parentOf = async (nid: EventNid): Promise<EventNid | undefined> => {
      for (const auth of await authEventsOf(nid, parts))
        if (key !== undefined && (await parts.stateKeyOf(auth)) === key) return auth;
      return undefined;
    };
    const isStored = (nid: EventNid): boolean => !this.#pending.has(nid);
    return levels.positions(nids[0] as EventNid, nids.slice(1), { parentOf, isStored, maxEvents, pause });
  }

  get #first(): IndexedView {
    return this.#views[0] as IndexedView;
  }

  async pause(): Promise<void> {
    await this.#parts.pause();
  }

  #graphParts(): AuthDifferenceParts {
    const { graph, maxEvents, pause } = this.#parts;
    return {
      graph,
      maxEvents,
      pause,
      version: this.#scope.version,
      reader: this.#reader,
      pending: this.#pendingEdges,
      stateKeyOf: (nid) => {
        const event = this.#byNid.get(nid) ?? this.#parts.events.cached(nid);
        return event ? event.fields.stateKeyNid : this.#stateKeyOf(nid);
      },
    };
  }

  async #conflicts(): Promise<StateConflict[]> {
    const nids = [...this.#differences.values()].flat().filter((nid) => nid !== undefined);
    const events = await this.#eventsOf(nids);
    const conflicts: StateConflict[] = [];
    for (const [key, values] of this.#differences) {
      const candidates = new Set<string>();
      let known: StoredEvent | undefined;
      for (const nid of values) {
        const event = nid === undefined ? undefined : events.get(nid);
        if (event) candidates.add(event.eventId);
        known ??= event;
      }
      const { type, stateKey } = known ?? (await this.#parts.names.stateKeyPair(key, this.#reader));
      conflicts.push({ type, stateKey: stateKey as string, candidates: [...candidates] });
    }
    return conflicts;
  }

  /** What becomes of each key that was looked at. */
  async #changesOf(resolved: readonly ResolvedKey[]): Promise<Map<StateKeyNid, EventNid | undefined>> {
    const out = new Map<StateKeyNid, EventNid | undefined>();
    await this.events(resolved.flatMap(({ eventId }) => eventId ?? []));
    for (const { type, stateKey, eventId } of resolved) {
      const event = eventId === undefined ? undefined : this.#byId.get(eventId);
      const key = event?.fields.stateKeyNid ?? (await this.#parts.names.findStateKey(type, stateKey, this.#reader));
      if (key !== undefined) out.set(key, event?.nid);
    }
    return out;
  }

  async #closest(resolved: ReadonlyMap<StateKeyNid, EventNid | undefined>): Promise<StateView> {
    let closest: StateView | undefined;
    let fewest = Infinity;
    for (const state of this.#views) {
      const { view } = state;
      const changes: StateChange[] = [];
      for (const [key, event] of resolved) if ((await state.known(key)) !== event) changes.push({ key, event });
      if (changes.length === 0) return view;
      if (changes.length >= fewest) continue;
      fewest = changes.length;
      const changed = new Set(changes.map(({ key }) => key));
      closest = { root: view.root, changes: [...view.changes.filter(({ key }) => !changed.has(key)), ...changes] };
    }
    return closest as StateView;
  }

  async #stateKeyOf(nid: EventNid): Promise<StateKeyNid | undefined> {
    return (await this.#eventsOf([nid])).get(nid)?.fields.stateKeyNid;
  }

  async #eventsOf(nids: readonly EventNid[]): Promise<Map<EventNid, StoredEvent>> {
    const missing = nids.filter((nid) => !this.#byNid.has(nid));
    for (let at = 0; at < missing.length; at += readAtOnce) {
      const some = missing.slice(at, at + readAtOnce);
      for (const [nid, event] of await this.#parts.events.getMany(some, this.#reader)) {
        this.#byNid.set(nid, event);
        this.#byId.set(event.eventId, event);
      }
      if (missing.length > readAtOnce) await this.pause();
    }
    const found = new Map<EventNid, StoredEvent>();
    for (const nid of nids) {
      const event = this.#byNid.get(nid);
      if (event) found.set(nid, event);
    }
    return found;
  }

  async #idsOf(nids: readonly EventNid[]): Promise<string[]> {
    return [...(await this.#eventsOf(nids)).values()].map((event) => event.eventId);
  }
}
