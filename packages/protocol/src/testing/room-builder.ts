import type { EventWithId } from '../auth/auth-state.ts';
import { authStateOf } from '../auth/auth-state.ts';
import { selectAuthEvents } from '../auth/select-auth-events.ts';
import { stateMapKey, type EventReference, type Pdu } from '../events/event.ts';
import type { JsonObject } from '../json/value.ts';
import { roomVersion, type RoomVersion } from '../room-versions.ts';

/** What an event of a built room says. */
export interface EventSpec {
  readonly type: string;
  readonly sender: string;
  readonly stateKey?: string;
  readonly content?: JsonObject;
  /** Milliseconds; by default the events' order. */
  readonly timestamp?: number;
  readonly redacts?: string;
}

/** From `stateMapKey` to event id. */
export type BuiltState = ReadonlyMap<string, string>;

/** Makes rooms of events whose ids are short and whose hashes and signatures are dummies. */
export class RoomBuilder {
  readonly version: RoomVersion;
  readonly roomId: string;
  readonly create: EventWithId;
  readonly events = new Map<string, EventWithId>();
  #count = 0;

  constructor(versionId: string, creator = '@alice:one.test', content: JsonObject = {}) {
    this.version = roomVersion(versionId)!;
    this.roomId = this.version.roomIdIsCreateEventId ? '!e1' : '!room:one.test';
    const creation: JsonObject = this.version.creatorInContent ? { creator, ...content } : { ...content };
    this.create = this.add({ type: 'm.room.create', sender: creator, stateKey: '', content: creation }, [], new Map());
  }

  /** Adds an event after others, with auth events from a state. Whether it is allowed isn't checked. */
  add(spec: EventSpec, prev: readonly EventWithId[], state: BuiltState): EventWithId {
    const event = this.draft(spec, prev, state);
    this.events.set(event.eventId, event);
    return event;
  }

  /** As `add`, without keeping the event. */
  draft(spec: EventSpec, prev: readonly EventWithId[], state: BuiltState): EventWithId {
    const eventId = `$e${++this.#count}${this.version.eventIdFormat === 'sender-chosen' ? ':one.test' : ''}`;
    const isImpliedRoom = this.version.roomIdIsCreateEventId && spec.type === 'm.room.create';
    const pdu: Pdu = {
      type: spec.type,
      sender: spec.sender,
      ...(!isImpliedRoom && { room_id: this.roomId }),
      ...(spec.stateKey !== undefined && { state_key: spec.stateKey }),
      ...(spec.redacts !== undefined && { redacts: spec.redacts }),
      ...(this.version.eventIdFormat === 'sender-chosen' && { event_id: eventId }),
      content: spec.content ?? {},
      depth: 1 + Math.max(0, ...prev.map(({ pdu: { depth } }) => depth)),
      origin_server_ts: spec.timestamp ?? this.#count,
      prev_events: prev.map((event) => this.#reference(event)),
      auth_events: [],
      hashes: {},
      signatures: {},
    };
    const authEvents = selectAuthEvents(pdu, authStateOf(this.eventsOf(state)), this.version);
    pdu.auth_events = authEvents.map((event) => this.#reference(event));
    return { eventId, pdu };
  }

  eventsOf(state: BuiltState): EventWithId[] {
    return [...state.values()].map((id) => this.events.get(id)!);
  }

  #reference({ eventId }: EventWithId): EventReference {
    return this.version.eventReferences === 'id' ? eventId : [eventId, {}];
  }
}

/** A state with an event put in; message events change nothing. */
export function stateAfter(state: BuiltState, { eventId, pdu }: EventWithId): BuiltState {
  if (pdu.state_key === undefined) return state;
  return new Map(state).set(stateMapKey(pdu.type, pdu.state_key), eventId);
}

/** A room's one line of events, each allowed or not, one after the other. */
export class RoomLine {
  readonly room: RoomBuilder;
  state: BuiltState;
  last: EventWithId;

  constructor(room: RoomBuilder, state?: BuiltState, last?: EventWithId) {
    this.room = room;
    this.state = state ?? stateAfter(new Map(), room.create);
    this.last = last ?? room.create;
  }

  add(spec: EventSpec): EventWithId {
    this.last = this.room.add(spec, [this.last], this.state);
    this.state = stateAfter(this.state, this.last);
    return this.last;
  }

  member(sender: string, membership: string, target = sender, content: JsonObject = {}): EventWithId {
    return this.add({ type: 'm.room.member', sender, stateKey: target, content: { membership, ...content } });
  }

  /** Another line from here on. */
  fork(): RoomLine {
    return new RoomLine(this.room, this.state, this.last);
  }
}
