import type { EventWithId } from '../auth/auth-state.ts';
import { authEventIds, createEventIdOfRoom, type StateKeyPair } from '../events/event.ts';
import { StateKeyMap } from '../events/state-key-map.ts';
import type { RoomVersion } from '../room-versions.ts';
import { ResolutionBudgetError, type Resolution } from './resolution.ts';
import type { ResolutionObserver } from './resolution-step.ts';

/** What one resolution has fetched so far. */
export class ResolutionWorkspace {
  readonly version: RoomVersion;
  readonly roomId: string;
  readonly observe: ResolutionObserver | undefined;
  readonly #maxEvents: number;
  readonly #events = new Map<string, EventWithId | undefined>();
  readonly #authEvents = new Map<string, readonly EventWithId[]>();
  readonly #unconflicted = new StateKeyMap<string | undefined>();

  constructor(version: RoomVersion, roomId: string, maxEvents: number, observe?: ResolutionObserver) {
    this.version = version;
    this.roomId = roomId;
    this.#maxEvents = maxEvents;
    this.observe = observe;
  }

  /** Makes sure that `event` answers for these ids. Throws ResolutionBudgetError. */
  *loadEvents(ids: Iterable<string>): Resolution<void> {
    const wanted: string[] = [];
    for (const id of ids) {
      if (this.#events.has(id)) continue;
      this.#events.set(id, undefined);
      wanted.push(id);
    }
    if (wanted.length === 0) return;
    if (this.#events.size > this.#maxEvents) throw new ResolutionBudgetError(this.#maxEvents);
    const answer = (yield { kind: 'events', ids: wanted }) as Iterable<EventWithId>;
    for (const event of answer) this.#events.set(event.eventId, event);
  }

  /** Makes sure that `authEventsOf` answers for these events. */
  *loadAuthEvents(events: Iterable<EventWithId>): Resolution<void> {
    const ids = new Set<string>();
    for (const event of events) for (const id of this.authEventIds(event)) ids.add(id);
    yield* this.loadEvents(ids);
  }

  /** Makes sure that `unconflicted` answers for these keys. */
  *loadUnconflicted(keys: Iterable<StateKeyPair>): Resolution<void> {
    const wanted: StateKeyPair[] = [];
    for (const pair of keys) {
      if (this.#unconflicted.has(pair.type, pair.stateKey)) continue;
      this.#unconflicted.set(pair.type, pair.stateKey, undefined);
      wanted.push(pair);
    }
    if (wanted.length === 0) return;
    const answer = (yield { kind: 'state', keys: wanted }) as readonly (string | undefined)[];
    wanted.forEach(({ type, stateKey }, index) => this.#unconflicted.set(type, stateKey, answer[index]));
  }

  /** There is nothing that all states have for this key. */
  noteConflict(type: string, stateKey: string): void {
    this.#unconflicted.set(type, stateKey, undefined);
  }

  /** An event that was loaded; undefined if it isn't known. */
  event(id: string): EventWithId | undefined {
    return this.#events.get(id);
  }

  /** The event that all states have for a key that was loaded. */
  unconflicted(type: string, stateKey: string): string | undefined {
    return this.#unconflicted.get(type, stateKey);
  }

  /** The ids of an event's auth events; in version 12 the create event, which the room id implies, is the last. */
  authEventIds({ pdu }: EventWithId): readonly string[] {
    const ids = authEventIds(pdu, this.version);
    if (!this.version.roomIdIsCreateEventId || pdu.type === 'm.room.create') return ids;
    return [...ids, createEventIdOfRoom(this.roomId)];
  }

  /** The known ones among an event's auth events, which must have been loaded. */
  authEventsOf(event: EventWithId): readonly EventWithId[] {
    const kept = this.#authEvents.get(event.eventId);
    if (kept) return kept;
    const found: EventWithId[] = [];
    for (const id of this.authEventIds(event)) {
      const known = this.#events.get(id);
      if (known) found.push(known);
    }
    this.#authEvents.set(event.eventId, found);
    return found;
  }

  /** The event of this type with an empty state_key among an event's auth events, which must have been loaded. */
  authEventOfType(event: EventWithId, type: string): EventWithId | undefined {
    return this.authEventsOf(event).find(({ pdu }) => pdu.type === type && pdu.state_key === '');
  }
}
