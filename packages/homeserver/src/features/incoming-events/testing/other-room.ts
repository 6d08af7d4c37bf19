import { createHash } from 'node:crypto';
import {
  authEventIds,
  authStateOf,
  hashAndSignEvent,
  isStateEvent,
  resolveStateSets,
  roomVersion,
  selectAuthEvents,
  SigningKey,
  stateMapKey,
  VerifyKey,
  type EventReference,
  type FindVerifyKey,
  type JsonObject,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import type { KeyRing } from '../../server-keys/index.ts';

/** The signing keys of servers that don't exist, made from their names. */
export class FictitiousServers implements KeyRing {
  readonly #keys = new Map<string, SigningKey>();
  /** Servers whose keys can't be had. */
  readonly silent = new Set<string>();

  key(server: string): SigningKey {
    let key = this.#keys.get(server);
    if (!key) {
      key = new SigningKey('ed25519:test', createHash('sha256').update(server).digest());
      this.#keys.set(server, key);
    }
    return key;
  }

  readonly find: FindVerifyKey = (server, keyId) =>
    keyId === 'ed25519:test' && !this.silent.has(server) ? VerifyKey.fromBase64(this.key(server).publicKey) : undefined;

  async keysFor(): Promise<FindVerifyKey> {
    return this.find;
  }

  async keySetFor(): Promise<{ at: () => FindVerifyKey }> {
    return { at: () => this.find };
  }
}

/** An event that was made, and what the room is after it by the plain algorithm over whole states. */
export interface MadeEvent {
  readonly eventId: string;
  readonly pdu: Pdu;
  /** From `stateMapKey` to event id. */
  readonly state: ReadonlyMap<string, string>;
}

export interface EventToMake {
  readonly type: string;
  readonly sender: string;
  readonly stateKey?: string;
  readonly content?: JsonObject;
  /** The newest events if absent. */
  readonly after?: readonly MadeEvent[];
  /** Other members of the event. */
  readonly with?: JsonObject;
  readonly authEvents?: readonly MadeEvent[];
  /** An event that the rules refuse leaves the state as it was. */
  readonly refused?: boolean;
}

/** A room of servers that don't exist: makes its events, signed, in whatever shape of history. */
export class OtherRoom {
  readonly version: RoomVersion;
  readonly servers: FictitiousServers;
  readonly events = new Map<string, MadeEvent>();
  readonly create: MadeEvent;
  readonly roomId: string;
  newest: readonly MadeEvent[] = [];
  readonly #named: string;
  #time = 1_600_000_000_000;

  constructor(servers: FictitiousServers, creator: string, versionId = '11', roomId = '!room:a.test') {
    this.version = roomVersion(versionId) as RoomVersion;
    this.servers = servers;
    this.roomId = '';
    this.#named = roomId.replaceAll(/[^a-z0-9]/g, '');
    const content = { room_version: versionId, test: roomId, ...(this.version.creatorInContent ? { creator } : {}) };
    const named = this.version.roomIdIsCreateEventId ? {} : { room_id: roomId };
    this.create = this.make({ type: 'm.room.create', sender: creator, stateKey: '', content, after: [], with: named });
    this.roomId = this.version.roomIdIsCreateEventId ? `!${this.create.eventId.slice(1)}` : roomId;
  }

  /** Makes an event without counting it as one of the newest. */
  make(event: EventToMake): MadeEvent {
    const { version } = this;
    const after = event.after ?? this.newest;
    const before = this.stateAfterAll(after);
    const content = event.content ?? {};
    const chosen =
      event.authEvents ??
      selectAuthEvents(
        {
          type: event.type,
          sender: event.sender,
          content,
          ...(event.stateKey !== undefined && { state_key: event.stateKey }),
        },
        authStateOf([...before.values()].map((id) => this.get(id))),
        version,
      ).map(({ eventId }) => this.get(eventId));
    const server = event.sender.slice(event.sender.indexOf(':') + 1);
    const { eventId, event: pdu } = hashAndSignEvent(
      {
        type: event.type,
        sender: event.sender,
        content,
        depth: Math.max(0, ...after.map((each) => each.pdu.depth)) + 1,
        origin_server_ts: this.#time++,
        prev_events: this.#references(after),
        auth_events: this.#references(chosen),
        ...(this.roomId !== '' && { room_id: this.roomId }),
        ...(event.stateKey !== undefined && { state_key: event.stateKey }),
        ...(version.eventIdFormat === 'sender-chosen' && {
          event_id: `$e${this.events.size}-${this.#named}:${server}`,
        }),
        ...event.with,
      },
      version,
      server,
      this.servers.key(server),
    );
    const isState = isStateEvent(pdu) && !event.refused;
    const state = isState ? new Map(before).set(stateMapKey(pdu.type, pdu.state_key), eventId) : before;
    const made = { eventId, pdu, state };
    this.events.set(eventId, made);
    return made;
  }

  /** Makes an event that follows the newest, or those given, which are the newest no more. */
  send(event: EventToMake): MadeEvent {
    const made = this.make(event);
    const after = new Set(event.after ?? this.newest);
    this.newest = [...this.newest.filter((each) => !after.has(each)), made];
    return made;
  }

  member(userId: string, membership: string, options: Partial<EventToMake> = {}): MadeEvent {
    return this.send({ type: 'm.room.member', sender: userId, stateKey: userId, content: { membership }, ...options });
  }

  get(eventId: string): MadeEvent {
    return this.events.get(eventId) as MadeEvent;
  }

  /** The events of a state and of their auth chains, those that others rest on first. */
  withAuthChain(state: ReadonlyMap<string, string>): { state: Pdu[]; authChain: Pdu[] } {
    const inState = new Set(state.values());
    const seen = new Set(inState);
    for (const id of seen) for (const auth of authEventIds(this.get(id).pdu, this.version)) seen.add(auth);
    return {
      state: [...inState].map((id) => this.get(id).pdu),
      authChain: [...seen].filter((id) => !inState.has(id)).map((id) => this.get(id).pdu),
    };
  }

  /** What the states after some events resolve to. */
  stateAfterAll(events: readonly MadeEvent[]): ReadonlyMap<string, string> {
    const [first, ...others] = events;
    if (!first) return new Map();
    if (others.length === 0) return first.state;
    return resolveStateSets({
      version: this.version,
      roomId: this.roomId,
      stateSets: events.map((event) => event.state.values()),
      event: (id) => this.events.get(id),
    });
  }

  #references(events: readonly MadeEvent[]): EventReference[] {
    if (this.version.eventReferences === 'id') return events.map((event) => event.eventId);
    return events.map((event) => [event.eventId, { sha256: 'x' }]);
  }
}
