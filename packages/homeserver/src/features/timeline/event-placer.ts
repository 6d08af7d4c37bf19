import type { Writer } from '@myelin/database';
import { asStored, eventStatus, type Events, type NewStoredEvent, type StoredEvent } from '../events/index.ts';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { Counter } from '../counters/index.ts';
import { memberOfKey, type EventNid, type UserNid } from '../names/index.ts';
import type { StateDifference, StateMaps, StateRoot } from '../state-map/index.ts';
import type { Streams } from '../streams/index.ts';
import type { EventProjection, EventWay, Restatement, StateKeyChange } from './projection.ts';
import type { RoomHead, RoomHeads } from './room-heads.ts';

export interface EventPlacerParts {
  readonly serverName: string;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly graph: AuthGraph;
  readonly streams: Streams;
  readonly heads: RoomHeads;
  /** Gives the positions below zero. */
  readonly historyCounter: Counter;
}

/** An event that is to be stored, without its place. */
export type UnplacedEvent = Omit<NewStoredEvent, 'position' | 'stateBefore' | 'stateAfter' | 'status'>;

export interface Placed {
  readonly event: StoredEvent;
  readonly head: RoomHead;
}

const noChanges: readonly StateKeyChange[] = [];
/** Users of other servers who are named when their membership changes. */
const mostOthersTold = 1_000;

/** Stores events at their places, moves the heads of rooms, and tells the projections. */
export class EventPlacer {
  readonly #parts: EventPlacerParts;
  readonly #projections: EventProjection[] = [];

  constructor(parts: EventPlacerParts) {
    this.#parts = parts;
  }

  addProjection(projection: EventProjection): void {
    this.#projections.push(projection);
  }

  takeNid(): EventNid {
    return this.#parts.events.takeNid();
  }

  /** The state after an event. */
  async stateAfter(
    writer: Writer,
    before: StateRoot,
    nid: EventNid,
    { stateKeyNid: key }: Pick<UnplacedEvent, 'stateKeyNid'>,
  ): Promise<StateRoot> {
    return key === undefined ? before : this.#parts.maps.apply(writer, before, [{ key, event: nid }]);
  }

  /**
   * Stores an event as the newest of its room. `next` is the room's head after it; `outlier` the event itself if it is
   * stored already. `isNew`: the room has no head yet.
   */
  async newest(
    writer: Writer,
    head: RoomHead,
    nid: EventNid,
    event: UnplacedEvent,
    authEvents: readonly EventNid[],
    next: {
      stateBefore: StateRoot;
      stateAfter: StateRoot;
      state: StateRoot;
      others: readonly StoredEvent[];
      isExtremity: boolean;
    },
    options: { way: EventWay; outlier?: StoredEvent | undefined; isNew?: boolean },
  ): Promise<Placed> {
    const { events, graph, heads, streams } = this.#parts;
    const { stateBefore, stateAfter, state } = next;
    const place = { stateBefore, stateAfter, status: 0 };
    // The usual case, a message, is made into a stored event once.
    const draft =
      state === head.state
        ? undefined
        : (options.outlier?.with(place) ?? asStored(nid, { ...event, ...place, position: undefined }));
    const changes = draft ? await this.#changes(writer, head.state, draft, next) : noChanges;
    const moved = changes.length > 0 ? this.#moved(changes) : undefined;
    const position = streams.next(writer, { kind: 'event', room: head.room, event: nid, ...moved });
    let placed: StoredEvent;
    if (options.outlier) placed = await events.place(writer, options.outlier, { ...place, position });
    else {
      placed = draft?.with({ position }) ?? asStored(nid, { ...event, ...place, position });
      await events.insertMany(writer, [placed]);
    }
    if (placed.isState) await graph.add(writer, placed, authEvents, options.outlier === undefined);
    if (state !== stateAfter) await events.timeline.noteCurrentState(writer, head.room, position, state);
    const extremities = next.isExtremity ? [...next.others, placed] : next.others;
    const after: RoomHead = { ...head, state, extremities };
    await (options.isNew ? heads.create(writer, after) : heads.update(writer, after));
    // The events of the changes are those before this one had its position.
    const told = draft
      ? changes.map((change) => (change.after?.nid === nid ? { ...change, after: placed } : change))
      : noChanges;
    await this.#project(writer, placed, after, options.way, told);
    return { event: placed, head: after };
  }

  /** Below all that were given before. */
  historyPosition(): number {
    return -this.#parts.historyCounter.take();
  }

  /** Stores an event that is older than what we have of the room, with a position below zero. */
  async history(
    writer: Writer,
    head: RoomHead,
    nid: EventNid,
    event: UnplacedEvent,
    authEvents: readonly EventNid[],
    states: { stateBefore: StateRoot; stateAfter: StateRoot },
    outlier?: StoredEvent,
  ): Promise<StoredEvent> {
    const { events, graph } = this.#parts;
    const place = { ...states, status: 0, position: this.historyPosition() };
    const placed = outlier
      ? await events.place(writer, outlier, place)
      : await events.insert(writer, nid, { ...event, ...place });
    if (placed.isState) await graph.add(writer, placed, authEvents, outlier === undefined);
    await this.#project(writer, placed, head, 'history', noChanges);
    return placed;
  }

  /** Stores an event that is never shown: rejected, soft-failed, or an outlier. It has no position. */
  async aside(
    writer: Writer,
    nid: EventNid,
    event: UnplacedEvent,
    authEvents: readonly EventNid[],
    place: { stateBefore: StateRoot; stateAfter: StateRoot; status: number },
    outlier?: StoredEvent,
  ): Promise<StoredEvent> {
    const { events, graph } = this.#parts;
    const stored = outlier
      ? await events.place(writer, outlier, { ...place, position: undefined })
      : await events.insert(writer, nid, { ...event, ...place, position: undefined });
    if (stored.isState && (place.status & eventStatus.rejected) === 0)
      await graph.add(writer, stored, authEvents, outlier === undefined);
    return stored;
  }

  /**
   * Gives a room another state and other ends without an event, and tells the projections. `event`: the one that the change
   * is told by.
   */
  async restate(
    writer: Writer,
    head: RoomHead,
    event: EventNid,
    next: Pick<RoomHead, 'state' | 'extremities'>,
  ): Promise<Restatement> {
    const { events, heads, maps, streams } = this.#parts;
    const { room } = head;
    const changes = await this.#named(writer, await maps.diff(head.state, next.state, writer));
    const position = streams.next(writer, { kind: 'event', room, event, ...this.#moved(changes) });
    await events.timeline.noteCurrentState(writer, room, position, next.state);
    const after = { ...head, ...next };
    await heads.update(writer, after);
    const restatement = { room, position, event, head: after, changes };
    for (const projection of this.#projections) await projection.restated?.(writer, restatement);
    return restatement;
  }

  /** Tells the projections of an event that counts only now, and changes nothing of the current state by itself. */
  tell(writer: Writer, event: StoredEvent, head: RoomHead): Promise<void> {
    const way = event.position !== undefined && event.position < 0 ? 'history' : 'received';
    return this.#project(writer, event, head, way, noChanges);
  }

  async #project(
    writer: Writer,
    event: StoredEvent,
    head: RoomHead,
    way: EventWay,
    changes: readonly StateKeyChange[],
  ): Promise<void> {
    const key = event.fields.stateKeyNid;
    const replaced = key === undefined ? undefined : changes.find((change) => change.key === key)?.before;
    for (const projection of this.#projections) await projection.apply(writer, event, { way, head, replaced, changes });
  }

  async #changes(
    writer: Writer,
    current: StateRoot,
    event: StoredEvent,
    next: { stateBefore: StateRoot; stateAfter: StateRoot; state: StateRoot },
  ): Promise<readonly StateKeyChange[]> {
    if (next.state === current) return noChanges;
    const { events, maps } = this.#parts;
    const key = event.fields.stateKeyNid;
    // The usual case: the event follows all that there is.
    if (key !== undefined && current === next.stateBefore && next.state === next.stateAfter) {
      const before = await maps.get(current, key, writer);
      return [{ key, before: before === undefined ? undefined : await events.get(before, writer), after: event }];
    }
    return this.#named(writer, await maps.diff(current, next.state, writer), event);
  }

  /** Differences of states, with their events; `fresh` isn't stored yet. */
  async #named(
    writer: Writer,
    differences: readonly StateDifference[],
    fresh?: StoredEvent,
  ): Promise<readonly StateKeyChange[]> {
    const nids = differences.flatMap(({ before, after }) => [before, after]).filter((nid) => nid !== undefined);
    const found = await this.#parts.events.getMany(
      nids.filter((nid) => nid !== fresh?.nid),
      writer,
    );
    if (fresh) found.set(fresh.nid, fresh);
    return differences.map(({ key, before, after }) => ({
      key,
      before: before === undefined ? undefined : found.get(before),
      after: after === undefined ? undefined : found.get(after),
    }));
  }

  /** Those whose membership changed. */
  #moved(changes: readonly StateKeyChange[]): { users?: UserNid[]; others?: UserNid[] } {
    const suffix = `:${this.#parts.serverName}`;
    const moved: { users?: UserNid[]; others?: UserNid[] } = {};
    for (const { key, before, after } of changes) {
      const user = memberOfKey(key);
      if (user === undefined) continue;
      if ((after ?? before)?.stateKey?.endsWith(suffix)) (moved.users ??= []).push(user);
      else if ((moved.others?.length ?? 0) < mostOthersTold) (moved.others ??= []).push(user);
    }
    return moved;
  }
}
