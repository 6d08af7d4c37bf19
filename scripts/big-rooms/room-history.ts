import { createHash } from 'node:crypto';
import { hashAndSignEvent, roomVersion, SigningKey, type JsonObject, type RoomVersion } from '@myelin/protocol';

/** An event of the room, as the resident server keeps it. */
export interface MadeEvent {
  readonly eventId: string;
  /** Canonical JSON. */
  readonly text: string;
  /** `type|state key`, for state events. */
  readonly key: string | undefined;
  readonly depth: number;
  readonly prev: readonly MadeEvent[];
  readonly auth: readonly MadeEvent[];
}

export interface EventToMake {
  readonly type: string;
  readonly sender: string;
  readonly stateKey?: string;
  readonly content: JsonObject;
  readonly prev?: readonly MadeEvent[];
  readonly auth: readonly MadeEvent[];
}

const keyId = 'ed25519:bench';

/** The signing keys of servers, made from their names. */
export class ServerKeys {
  readonly #keys = new Map<string, SigningKey>();

  of(server: string): SigningKey {
    let key = this.#keys.get(server);
    if (!key) {
      key = new SigningKey(keyId, createHash('sha256').update(server).digest());
      this.#keys.set(server, key);
    }
    return key;
  }
}

/** The events of a room, each signed by its sender's server. States are found by walking back: histories have one line but for forks. */
export class RoomHistory {
  readonly roomId: string;
  readonly version = roomVersion('11') as RoomVersion;
  readonly events = new Map<string, MadeEvent>();
  readonly #keys: ServerKeys;
  newest: MadeEvent | undefined;
  #time = Date.now() - 86_400_000;

  constructor(roomId: string, keys: ServerKeys) {
    this.roomId = roomId;
    this.#keys = keys;
  }

  /** Makes an event after others. */
  make(event: EventToMake): MadeEvent {
    const prev = event.prev ?? (this.newest ? [this.newest] : []);
    const server = event.sender.slice(event.sender.indexOf(':') + 1);
    const depth = Math.max(0, ...prev.map((each) => each.depth)) + 1;
    const { eventId, text } = hashAndSignEvent(
      {
        type: event.type,
        room_id: this.roomId,
        sender: event.sender,
        content: event.content,
        depth,
        origin_server_ts: this.#time++,
        prev_events: prev.map((each) => each.eventId),
        auth_events: event.auth.map((each) => each.eventId),
        ...(event.stateKey !== undefined && { state_key: event.stateKey }),
      },
      this.version,
      server,
      this.#keys.of(server),
    );
    const key = event.stateKey === undefined ? undefined : `${event.type}|${event.stateKey}`;
    return this.add({ eventId, text, key, depth, prev, auth: event.auth });
  }

  /** Makes an event that is the newest from then on. */
  send(event: EventToMake): MadeEvent {
    this.newest = this.make(event);
    return this.newest;
  }

  add(event: MadeEvent): MadeEvent {
    this.events.set(event.eventId, event);
    return event;
  }

  get(eventId: string): MadeEvent {
    const event = this.events.get(eventId);
    if (!event) throw new Error(`no event ${eventId}`);
    return event;
  }

  /** The state before an event that follows one other. */
  stateBefore(event: MadeEvent): Map<string, MadeEvent> {
    return this.stateAt(event.prev[0]);
  }

  /** The state after an event. */
  stateAt(event: MadeEvent | undefined): Map<string, MadeEvent> {
    const state = new Map<string, MadeEvent>();
    for (let at = event; at; at = at.prev[0]) if (at.key !== undefined && !state.has(at.key)) state.set(at.key, at);
    return state;
  }

  /** The auth chain of some events, without these. */
  authChain(events: Iterable<MadeEvent>): MadeEvent[] {
    const given = new Set(events);
    const seen = new Set(given);
    for (const event of seen) for (const auth of event.auth) seen.add(auth);
    return [...seen].filter((event) => !given.has(event));
  }

  /** The events just before some, newest first. */
  before(latest: readonly string[], limit: number, until: ReadonlySet<string> = new Set()): MadeEvent[] {
    const found = new Set<MadeEvent>();
    let level = latest.flatMap((id) => this.get(id).prev);
    while (level.length > 0 && found.size < limit) {
      const next: MadeEvent[] = [];
      for (const event of level) {
        if (until.has(event.eventId) || found.has(event) || found.size >= limit) continue;
        found.add(event);
        next.push(...event.prev);
      }
      level = next;
    }
    return [...found];
  }
}
