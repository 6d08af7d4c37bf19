import type { FederationRequest, FederationTransport } from '@myelin/homeserver';
import {
  authStateOf,
  canonicalJson,
  eventIdOf,
  hashAndSignEvent,
  isJsonObject,
  parseJson,
  roomVersion,
  roomVersions,
  selectAuthEvents,
  SigningKey,
  signJson,
  stateMapKey,
  type EventReference,
  type EventWithId,
  type JsonObject,
  type JsonValue,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { SeededRandom } from '../seeded-random.ts';

export interface HostileParts {
  readonly name: string;
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly transport: FederationTransport;
}

/** An event to be made; what isn't said is as a server would have it that keeps the rules. */
export interface EventToMake {
  readonly type: string;
  readonly content: JsonObject;
  readonly stateKey?: string;
  readonly sender?: string;
  readonly prevEvents?: readonly string[];
  readonly authEvents?: readonly string[];
  readonly depth?: number;
  /** Members besides, or instead. */
  readonly members?: JsonObject;
}

export interface HostileRoom {
  readonly roomId: string;
  readonly version: RoomVersion;
  /** By `stateMapKey`, as it heard of it last: it resolves nothing. */
  readonly state: Map<string, EventWithId>;
  /** All events that it has or has made, oldest first. */
  readonly events: Map<string, Pdu>;
}

const requestTimeoutMs = 30_000;

/** A server that owns its name and its signing key, and speaks the protocol as well as it likes. */
export class HostileServer {
  readonly name: string;
  readonly userId: string;
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly #transport: FederationTransport;
  readonly #key: SigningKey;
  #transactions = 0;
  #events = 0;
  room: HostileRoom | undefined;

  constructor({ name, random, clock, transport }: HostileParts) {
    this.name = name;
    this.userId = `@mallory:${name}`;
    this.random = random;
    this.clock = clock;
    this.#transport = transport;
    this.#key = new SigningKey('ed25519:evil', random.bytes(32));
  }

  /** What it publishes of its keys: those are good, or nobody would listen. */
  keys(): JsonObject {
    const answer = {
      server_name: this.name,
      valid_until_ts: this.clock.now() + 86_400_000,
      verify_keys: { [this.#key.keyId]: { key: this.#key.publicKey } },
      old_verify_keys: {},
    };
    return signJson(answer, this.name, this.#key);
  }

  /** A signed request. Undefined where there was no answer, or none that is JSON. */
  async call(destination: string, method: string, path: string, body?: JsonObject): Promise<JsonValue | undefined> {
    const signed = {
      method,
      uri: path,
      origin: this.name,
      destination,
      ...(body && { content: body }),
    };
    const signature = this.#key.sign(canonicalJson(signed));
    const authorization = `X-Matrix origin="${this.name}",destination="${destination}",key="${this.#key.keyId}",sig="${signature}"`;
    const request: FederationRequest = {
      destination,
      method,
      path,
      headers: { authorization, 'content-type': 'application/json' },
      timeoutMs: requestTimeoutMs,
      ...(body && { body: canonicalJson(body) }),
    };
    try {
      const { status, body: parts } = await this.#transport.exchange(request);
      const pieces: Uint8Array[] = [];
      for await (const part of parts) pieces.push(part);
      const parsed = parseJson(Buffer.concat(pieces).toString());
      return status === 200 && parsed.ok ? parsed.value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Joins a public room as anybody may. `remembers`: whether it keeps what it is told of it. */
  async join(roomId: string, resident: string, remembers = true): Promise<boolean> {
    const versions = roomVersions.map(({ id }) => `ver=${id}`).join('&');
    const path = `${encodeURIComponent(roomId)}/${encodeURIComponent(this.userId)}`;
    const template = await this.call(resident, 'GET', `/_matrix/federation/v1/make_join/${path}?${versions}`);
    if (!isJsonObject(template) || !isJsonObject(template['event'])) return false;
    const version = roomVersion(String(template['room_version'] ?? '1'));
    if (!version) return false;
    const event = { ...template['event'], origin_server_ts: this.clock.now() } as Pdu;
    if (version.eventIdFormat === 'sender-chosen') event.event_id = this.#newEventId();
    const made = hashAndSignEvent(event, version, this.name, this.#key);
    const to = `/_matrix/federation/v2/send_join/${encodeURIComponent(roomId)}/${encodeURIComponent(made.eventId)}`;
    const answer = await this.call(resident, 'PUT', to, made.event);
    if (!isJsonObject(answer)) return false;
    if (!remembers) return true;
    this.room = { roomId, version, state: new Map(), events: new Map() };
    for (const each of [answer['auth_chain'], answer['state']])
      for (const pdu of (each ?? []) as Pdu[]) this.learn(pdu, each === answer['state']);
    this.learn(made.event, true);
    return true;
  }

  /** Takes an event as it comes, without any check; `counts`: as part of the state. */
  learn(pdu: Pdu, counts: boolean): string | undefined {
    if (!this.room) return undefined;
    const { version, state, events } = this.room;
    try {
      const eventId = eventIdOf(pdu, version);
      events.set(eventId, pdu);
      if (counts && pdu.state_key !== undefined) state.set(stateMapKey(pdu.type, pdu.state_key), { eventId, pdu });
      return eventId;
    } catch {
      return undefined;
    }
  }

  /** Makes an event, hashed and signed by this server whoever its sender is. */
  make(event: EventToMake): EventWithId {
    const { roomId, version, state, events } = this.#room();
    const { type, content, stateKey, sender = this.userId } = event;
    const subject = { type, sender, content, ...(stateKey !== undefined && { state_key: stateKey }) };
    const prev = event.prevEvents ?? [[...events.keys()].at(-1) as string];
    const auth =
      event.authEvents ?? selectAuthEvents(subject, authStateOf(state.values()), version).map(({ eventId }) => eventId);
    const depths = prev.map((id) => Number(events.get(id)?.depth ?? 0));
    const { event: pdu, eventId } = hashAndSignEvent(
      {
        ...subject,
        room_id: roomId,
        depth: event.depth ?? Math.min(Math.max(0, ...depths) + 1, Number.MAX_SAFE_INTEGER),
        origin_server_ts: this.clock.now(),
        prev_events: this.references(prev),
        auth_events: this.references(auth),
        ...(version.eventIdFormat === 'sender-chosen' && { event_id: this.#newEventId() }),
        ...event.members,
      },
      version,
      this.name,
      this.#key,
    );
    return { eventId, pdu };
  }

  /** What an event's members are changed to after it was hashed and signed. */
  spoil({ pdu }: EventWithId, members: JsonObject): Pdu {
    return { ...pdu, ...members };
  }

  async send(destination: string, pdus: readonly JsonObject[], edus: readonly JsonObject[] = []): Promise<void> {
    const body = { origin: this.name, origin_server_ts: this.clock.now(), pdus: [...pdus], edus: [...edus] };
    await this.call(destination, 'PUT', `/_matrix/federation/v1/send/evil${++this.#transactions}`, body);
  }

  /** The content of the power levels that it heard of last. */
  levels(): JsonObject {
    return this.#room().state.get(stateMapKey('m.room.power_levels', ''))?.pdu.content ?? {};
  }

  references(eventIds: readonly string[]): EventReference[] {
    if (this.#room().version.eventReferences === 'id') return [...eventIds];
    return eventIds.map((id) => [id, { sha256: 'AAAA' }]);
  }

  #room(): HostileRoom {
    if (!this.room) throw new Error(`${this.name} is in no room`);
    return this.room;
  }

  #newEventId(): string {
    return `$${++this.#events}-evil:${this.name}`;
  }
}
