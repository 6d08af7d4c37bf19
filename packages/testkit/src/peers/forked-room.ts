import { randomUUID } from 'node:crypto';
import {
  authEventIds,
  authStateOf,
  checkAuthEventChoice,
  checkEventAuth,
  hashAndSignEvent,
  PowerLevels,
  prevEventIds,
  redactionApplies,
  referenceHash,
  resolveStateSets,
  roomVersion,
  selectAuthEvents,
  signEvent,
  stateMapKey,
  type AuthSubject,
  type EventReference,
  type EventWithId,
  type JsonObject,
  type JsonValue,
  type Pdu,
  type RoomVersion,
  type UnsignedPdu,
} from '@myelin/protocol';
import type { TestPeer } from '../federation/test-peer.ts';

/** What an event says, but for its place. */
export interface EventSpec {
  readonly type: string;
  readonly sender: string;
  readonly content: JsonObject;
  readonly stateKey?: string;
  readonly redacts?: string;
}

const localparts = ['creator', 'ann', 'ben', 'cleo', 'dan', 'eve'];

export type StateIds = ReadonlyMap<string, string>;

/** An event of the room with the states around it, as the room that made it sees them. */
export interface PlacedEvent extends EventWithId {
  readonly before: StateIds;
  readonly after: StateIds;
}

/**
 * A room of a test's peers, whose history is whatever graph the test draws: each event names the ones that it follows. All
 * peers know all of it.
 */
export class ForkedRoom {
  /** The room was made on the first. */
  readonly peers: readonly TestPeer[];
  readonly version: RoomVersion;
  readonly roomId: string;
  readonly creator: string;
  /** Those who act in it, the creator too. */
  readonly people: readonly string[];
  /** In the order in which they were made. */
  readonly events = new Map<string, PlacedEvent>();
  /** What nothing follows yet, but refused events. */
  ends: PlacedEvent[] = [];
  #time = Date.now() - 1_000_000;

  constructor(peers: readonly TestPeer[], versionId: string, more: JsonObject = {}) {
    this.peers = peers;
    this.version = roomVersion(versionId)!;
    this.creator = this.userId('creator');
    this.people = localparts.map((localpart, index) => this.userId(localpart, index % peers.length));
    const content: JsonObject = {
      room_version: versionId,
      ...(this.version.creatorInContent ? { creator: this.creator } : {}),
      ...more,
    };
    this.roomId = this.version.roomIdIsCreateEventId ? '' : `!${randomUUID()}:${this.peer.serverName}`;
    const create = this.add({ type: 'm.room.create', sender: this.creator, stateKey: '', content }, []);
    if (this.version.roomIdIsCreateEventId) this.roomId = `!${create.eventId.slice(1)}`;
  }

  get peer(): TestPeer {
    return this.peers[0] as TestPeer;
  }

  /** A user of the first peer, or of another one. */
  userId(localpart: string, at = 0): string {
    return `@${localpart}:${this.peers[at]!.serverName}`;
  }

  /** The peer that a user is of. */
  peerOf(userId: string): TestPeer {
    return this.peers.find(({ serverName }) => userId.endsWith(`:${serverName}`)) ?? this.peer;
  }

  /** Makes an event after others and keeps it, whether the rules allow it or not. */
  add(spec: EventSpec, prev: readonly PlacedEvent[], authFrom?: PlacedEvent): PlacedEvent {
    return this.keep(this.draft(spec, prev, authFrom));
  }

  /** Makes an event; its auth events come from the state before it, or from the state after another event. */
  draft(spec: EventSpec, prev: readonly PlacedEvent[], authFrom?: PlacedEvent): PlacedEvent {
    const before = this.resolved(prev.map(({ after }) => after));
    const { type, sender, content } = spec;
    const peer = this.peerOf(sender);
    const subject: JsonObject = {
      type,
      sender,
      content,
      ...(spec.stateKey === undefined ? {} : { state_key: spec.stateKey }),
      ...(spec.redacts === undefined ? {} : { redacts: spec.redacts }),
    };
    const state = authStateOf(this.#eventsOf(authFrom?.after ?? before));
    const auth = selectAuthEvents(subject as unknown as AuthSubject, state, this.version);
    const whole = {
      ...subject,
      ...(this.roomId === '' ? {} : { room_id: this.roomId }),
      ...(this.version.eventIdFormat === 'sender-chosen' ? { event_id: `$${randomUUID()}:${peer.serverName}` } : {}),
      depth: 1 + Math.max(0, ...prev.map(({ pdu }) => pdu.depth)),
      origin_server_ts: (this.#time += 1000),
      prev_events: prev.map((event) => this.#reference(event)),
      auth_events: auth.map((event) => this.#reference(event)),
    };
    let signed = hashAndSignEvent(whole as unknown as UnsignedPdu, this.version, peer.serverName, peer.key);
    const authoriser = content['join_authorised_via_users_server'];
    if (typeof authoriser === 'string' && this.peerOf(authoriser) !== peer) {
      const { serverName, key } = this.peerOf(authoriser);
      signed = signEvent(signed.event, this.version, serverName, key);
    }
    return this.#placed(signed.eventId, signed.event, before);
  }

  keep(event: PlacedEvent): PlacedEvent {
    this.events.set(event.eventId, event);
    if (event.rejected) return event;
    const followed = new Set(prevEventIds(event.pdu, this.version));
    this.ends = [...this.ends.filter(({ eventId }) => !followed.has(eventId)), event];
    return event;
  }

  /** Takes an event that another server made. */
  take(eventId: string, pdu: Pdu): PlacedEvent {
    const prev = prevEventIds(pdu, this.version).map((id) => this.events.get(id)!);
    return this.keep(this.#placed(eventId, pdu, this.resolved(prev.map(({ after }) => after))));
  }

  /** An event that isn't made yet, for another server to complete. */
  template(spec: EventSpec): JsonObject {
    const { pdu } = this.draft(spec, this.ends);
    const { hashes: _hashes, signatures: _signatures, event_id: _id, ...rest } = pdu as unknown as JsonObject;
    return rest;
  }

  eventsByIds(ids: Iterable<string>): Pdu[] {
    return [...ids].map((id) => this.events.get(id)!.pdu);
  }

  /** The auth events of these events, theirs, and so on. */
  authChain(ids: Iterable<string>): Set<string> {
    const chain = new Set<string>();
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const auth of authEventIds(this.events.get(id)!.pdu, this.version)) {
        if (chain.has(auth)) continue;
        chain.add(auth);
        open.push(auth);
      }
    }
    return chain;
  }

  resolved(states: readonly StateIds[]): StateIds {
    const [first] = states;
    if (!first) return new Map();
    if (states.length === 1) return first;
    return resolveStateSets({
      version: this.version,
      roomId: this.roomId,
      stateSets: states.map((state) => state.values()),
      event: (id) => this.events.get(id),
    });
  }

  #placed(eventId: string, pdu: Pdu, before: StateIds): PlacedEvent {
    const rejected = !this.#isAllowed(pdu, before);
    const isState = pdu.state_key !== undefined && !rejected;
    const after = isState ? new Map(before).set(stateMapKey(pdu.type, pdu.state_key as string), eventId) : before;
    return { eventId, pdu, rejected, before, after };
  }

  #isAllowed(pdu: Pdu, before: StateIds): boolean {
    const create = this.version.roomIdIsCreateEventId ? [...this.events.values()].slice(0, 1) : [];
    const auth = [...create, ...authEventIds(pdu, this.version).map((id) => this.events.get(id)!)];
    if (!checkAuthEventChoice(pdu, auth, this.version).allowed) return false;
    const byAuthEvents = checkEventAuth(pdu, authStateOf(auth), this.version);
    return byAuthEvents.allowed && this.allows(pdu, before);
  }

  /** Whether a state lets an event be. */
  allows(pdu: Pdu, state: StateIds): boolean {
    return checkEventAuth(pdu, authStateOf(this.#eventsOf(state)), this.version).allowed;
  }

  /** Whether a redaction is carried out, if it is accepted. */
  redacts(redaction: PlacedEvent, target: PlacedEvent): boolean {
    const levels = PowerLevels.ofState(authStateOf(this.#eventsOf(redaction.before)), this.version);
    return redactionApplies(redaction, target, levels, this.version);
  }

  #eventsOf(state: StateIds): EventWithId[] {
    return [...state.values()].map((id) => this.events.get(id)!);
  }

  #reference({ eventId, pdu }: EventWithId): EventReference {
    if (this.version.eventReferences === 'id') return eventId;
    return [eventId, { sha256: referenceHash(pdu, this.version) } as unknown as Record<string, JsonValue>] as never;
  }
}
