import type { Database } from '@myelin/database';
import { MatrixError } from '@myelin/api';
import { domainOf, prevEventIds, type Pdu } from '@myelin/protocol';
import type { Breather } from '@myelin/runtime';
import type { Events, StoredEvent } from '../../events/index.ts';
import type { EventNid, Names, StateKeyNid } from '../../names/index.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import type { JoinedServers } from '../../room-servers/index.ts';
import { emptyState, type StateChange, type StateMaps } from '../../state-map/index.ts';
import {
  statesAfter,
  valueIn,
  viewOf,
  withEntry,
  type ResolutionScope,
  type StateResolver,
  type StateView,
} from '../../state-resolution/index.ts';
import type { RoomHead } from '../../timeline/index.ts';
import { memberClaimsOf, type StateClaim } from '../checking/claims.ts';
import type { FetchBudget } from '../fetching/fetch-budget.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import type { Outliers } from '../fetching/outliers.ts';
import type { RoomFetcher } from '../fetching/room-fetcher.ts';
import type { UnprovenEvents } from '../checking/unproven-events.ts';

export interface StatesBeforeParts {
  readonly database: Database;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: StateResolver;
  readonly fetcher: RoomFetcher;
  readonly outliers: Outliers;
  readonly partialRooms: PartialRooms;
  readonly unproven: Pick<UnprovenEvents, 'told'>;
  readonly roomServers: Pick<JoinedServers, 'isInRoom'>;
  readonly serverName: string;
  /** Makes what lets others have the thread during long work. */
  readonly breathe: () => Breather;
}

/** The place of an event in its room's graph. */
export interface PlaceInGraph {
  readonly stateBefore: StateView;
  /** Those of the events before it that are here, with a state of their own. */
  readonly previous: readonly StoredEvent[];
  /** Those that aren't. */
  readonly missing: readonly string[];
  /** The states after those that aren't, as another server told them. */
  readonly told: ReadonlyMap<string, StateView>;
  /** Whether the state may lack members because the room's aren't known yet. */
  readonly lacksMembers: boolean;
}

/** A state that differs from the current one in at most so many keys is kept as that difference until it is stored. */
const mostChanges = 200;
/** One that differs in less than this part of its keys is stored as a change of the current one, with which it shares the rest. */
const shareOfChanges = 0.25;

/** Who made an event is waited for so long: others are asked if it doesn't answer. */
const makerTimeoutMs = 5_000;

/** What follows an event of this depth has no greater one. */
const greatestDepth = Number.MAX_SAFE_INTEGER;

/** Finds out which state an event meets. */
export class StatesBefore {
  readonly #parts: StatesBeforeParts;

  constructor(parts: StatesBeforeParts) {
    this.#parts = parts;
  }

  /** The events before an event: those here, and those that aren't (outliers have no place, so they count as missing). */
  async previous(scope: ResolutionScope, pdu: CheckedPdu): Promise<{ found: StoredEvent[]; missing: string[] }> {
    const ids = [...new Set(prevEventIds(pdu.pdu, scope.version))];
    const known = await this.#parts.events.findMany(ids);
    const found: StoredEvent[] = [];
    const missing: string[] = [];
    for (const id of ids) {
      const event = known.get(id);
      if (event && event.room !== scope.room)
        throw new MatrixError('M_FORBIDDEN', 'The event names one of another room as being before it');
      if (event && !event.isOutlier) found.push(event);
      else missing.push(id);
    }
    return { found, missing };
  }

  /** Those of some events that have their place in a room. */
  async placedOf(eventIds: readonly string[]): Promise<Set<string>> {
    const known = await this.#parts.events.findMany(eventIds);
    return new Set(eventIds.filter((id) => known.get(id)?.isOutlier === false));
  }

  /** `origin` is asked for the states at missing events. Throws M_FORBIDDEN if it doesn't tell. */
  async place(origin: string, head: RoomHead, pdu: CheckedPdu, budget: FetchBudget): Promise<PlaceInGraph> {
    const { found, missing } = await this.previous(head, pdu);
    const states = statesAfter(found);
    const told = new Map<string, StateView>();
    for (const id of missing) told.set(id, await this.stateAfterMissing(origin, head, id, budget, pdu));
    states.push(...told.values());
    const lacksMembers = await this.#parts.partialRooms.lackMembers(head.room, found);
    // Only a create event follows nothing; the rules refuse all others on an empty state.
    const stateBefore =
      states.length === 0 ? viewOf(emptyState) : await this.#parts.resolver.resolve(head, states, { lacksMembers });
    return { stateBefore, previous: found, missing, told, lacksMembers };
  }

  /**
   * A state in which members who aren't known yet are who the event's own auth events say they are: that is judged again
   * when the room's members are known.
   */
  async withMembersOf(place: PlaceInGraph, authEvents: Iterable<StoredEvent>): Promise<PlaceInGraph> {
    if (!place.lacksMembers) return place;
    let { stateBefore } = place;
    for (const { key, event } of memberClaimsOf(authEvents)) {
      if ((await valueIn(stateBefore, key, this.#parts.maps, undefined)) === undefined)
        stateBefore = withEntry(stateBefore, key, event);
    }
    return { ...place, stateBefore };
  }

  /**
   * A state that isn't known as a whole, resolved with what an event's auth events claim: by which events of the state they
   * are refuted isn't certain either.
   */
  async withClaims(scope: ResolutionScope, state: StateView, claimed: readonly StateClaim[]): Promise<StateView> {
    const other = claimed.reduce((view, { key, event }) => withEntry(view, key, event), state);
    return claimed.length === 0 ? state : this.#parts.resolver.resolve(scope, [state, other]);
  }

  /** The state after an event that isn't here, before `follower`. `origin` is asked, or who made them. Throws M_FORBIDDEN if it doesn't tell, or can't be reached. */
  async stateAfterMissing(
    origin: string,
    head: RoomHead,
    eventId: string,
    budget: FetchBudget,
    follower?: CheckedPdu,
  ): Promise<StateView> {
    const { fetcher, events, outliers } = this.#parts;
    let event = await events.find(eventId);
    // The first event of the room follows nothing: nobody needs to tell what is after it, and nobody could lie about it.
    if (event?.type === 'm.room.create' && !event.isRejected && event.room === head.room)
      return this.viewOfEntries(head, new Map([[event.fields.stateKeyNid as StateKeyNid, event.nid]]));
    const early = event || !budget.asksMakers ? undefined : await fetcher.event(origin, head, eventId);
    const made = budget.asksMakers ? (event?.fields ?? early?.pdu) : undefined;
    const entries = await this.#entriesByMakers(made, follower, origin, head, eventId, budget);
    if (entries === undefined)
      throw new MatrixError('M_FORBIDDEN', 'The server does not tell the state at the events before this one');
    event ??= await events.find(eventId);
    if (!event) {
      // Without it nobody knows whether it is part of the state.
      const fetched = early ?? (await fetcher.event(origin, head, eventId, true));
      if (fetched) await fetcher.authEvents(origin, head, fetched, budget);
      if (fetched) event = (await outliers.store(head, [fetched], budget.tellerOf(origin))).get(eventId);
      if (!event) await this.#parts.unproven.told(head.roomId, [eventId], [eventId]);
    }
    if (event?.isState && !event.isRejected && event.room === head.room)
      entries.set(event.fields.stateKeyNid as StateKeyNid, event.nid);
    return this.viewOfEntries(head, entries);
  }

  /**
   * Who made an event knows the state at it, and has mostly no more reason to lie about it than to make another event. But what has
   * events as deep as that one can't be the state before it: then who made what follows it is asked, and who sent that.
   */
  async #entriesByMakers(
    made: Pick<Pdu, 'sender' | 'depth'> | undefined,
    follower: CheckedPdu | undefined,
    origin: string,
    head: RoomHead,
    eventId: string,
    budget: FetchBudget,
  ): Promise<Map<StateKeyNid, EventNid> | undefined> {
    const maker = made && domainOf(made.sender);
    const after = budget.asksMakers && follower ? domainOf(follower.pdu.sender) : undefined;
    let last: Map<StateKeyNid, EventNid> | undefined;
    for (const server of new Set([maker, after, origin])) {
      if (server === undefined || (server !== origin && !(await this.#mayTell(head, server)))) continue;
      const timeoutMs = server === origin ? undefined : makerTimeoutMs;
      const entries = await this.#entries(server, head, eventId, budget, timeoutMs);
      if (entries && (server !== maker || (await this.#isPossible(entries, made)))) return entries;
      if (server === origin) last = entries;
    }
    // Nobody else tells: it is believed as who sends others' events is. Some tell the state after the event.
    return last;
  }

  async #mayTell({ room }: RoomHead, server: string): Promise<boolean> {
    return server !== this.#parts.serverName && this.#parts.roomServers.isInRoom(room, server);
  }

  async #isPossible(
    entries: ReadonlyMap<StateKeyNid, EventNid>,
    made: Pick<Pdu, 'depth'> | undefined,
  ): Promise<boolean> {
    const depth = made?.depth ?? greatestDepth;
    return depth >= greatestDepth || !(await this.#parts.events.anyAsDeep(entries.values(), depth));
  }

  async #entries(
    server: string,
    head: RoomHead,
    eventId: string,
    budget: FetchBudget,
    timeoutMs?: number,
  ): Promise<Map<StateKeyNid, EventNid> | undefined> {
    const { fetcher, names } = this.#parts;
    const entries = await fetcher.stateBefore(server, head, eventId, budget, timeoutMs);
    const createKey = await names.findStateKey('m.room.create', '');
    return createKey !== undefined && entries?.has(createKey) ? entries : undefined;
  }

  /** A whole state, as it differs from the room's current one if that is little; else it is stored. */
  async viewOfEntries(head: Pick<RoomHead, 'state'>, entries: ReadonlyMap<StateKeyNid, EventNid>): Promise<StateView> {
    const { database, maps, breathe } = this.#parts;
    const breather = breathe();
    const current = await maps.entries(head.state);
    await breather.pause();
    const changes: StateChange[] = [];
    for (const [key, event] of entries) if (current.get(key) !== event) changes.push({ key, event });
    await breather.pause();
    for (const key of current.keys()) if (!entries.has(key)) changes.push({ key, event: undefined });
    if (changes.length <= mostChanges) return { root: head.state, changes };
    if (changes.length >= entries.size * shareOfChanges)
      return viewOf(await database.transact((writer) => maps.build(writer, entries)));
    const changed = await maps.change(head.state, changes, () => breather.pause());
    return viewOf(await database.transact((writer) => maps.store(writer, changed)));
  }
}
