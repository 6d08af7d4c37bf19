import {
  authStateOf,
  eventIdOf,
  isStateEvent,
  roomVersion,
  selectAuthEvents,
  stateMapKey,
  type EventWithId,
  type JsonObject,
  type JsonValue,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import type { Json, PeerRooms, SignedPeerEvent } from '@myelin/testkit';

export interface PeerEvent {
  readonly type: string;
  readonly sender: string;
  readonly stateKey?: string;
  readonly content?: JsonObject;
  /** Where room versions before 11 name the target of a redaction. */
  readonly redacts?: string;
  /** The newest of the peer's own if absent. */
  readonly after?: readonly PeerPlace[];
}

/** An event and the state after it, as the peer sees it. */
export interface PeerPlace extends SignedPeerEvent {
  readonly state: ReadonlyMap<string, EventWithId>;
  readonly depth: number;
}

const sentAt = 1_750_000_000_000;

/** A room of a server that a peer has joined, and the peer's own events in it. */
export class PeerRoom {
  readonly there: PeerRooms;
  readonly roomId: string;
  readonly version: RoomVersion;
  readonly join: PeerPlace;
  newest: PeerPlace;
  #transactions = 0;

  private constructor(there: PeerRooms, roomId: string, version: RoomVersion, join: PeerPlace) {
    this.there = there;
    this.roomId = roomId;
    this.version = version;
    this.join = join;
    this.newest = join;
  }

  static async enter(there: PeerRooms, roomId: string, userId: string): Promise<PeerRoom> {
    const { event, room_version: id } = await there.template('join', roomId, userId);
    const version = roomVersion(id) as RoomVersion;
    const signed = there.sign(event, id);
    const answer = await there.handIn('join', roomId, signed);
    const state = new Map<string, EventWithId>();
    for (const pdu of [...(answer.state as Pdu[]), signed.event as Pdu]) {
      if (isStateEvent(pdu)) state.set(stateMapKey(pdu.type, pdu.state_key), { eventId: eventIdOf(pdu, version), pdu });
    }
    return new PeerRoom(there, roomId, version, { ...signed, state, depth: event['depth'] as number });
  }

  /** Makes an event; nobody is told of it yet. */
  make({ type, sender, stateKey, content = {}, redacts, after = [this.newest] }: PeerEvent): PeerPlace {
    const [first] = after as [PeerPlace];
    const own = stateKey === undefined ? {} : { state_key: stateKey };
    const chosen = selectAuthEvents({ type, sender, content, ...own }, authStateOf(first.state.values()), this.version);
    const depth = Math.max(...after.map((each) => each.depth)) + 1;
    const signed = this.there.sign(
      {
        type,
        sender,
        content,
        ...own,
        ...(redacts !== undefined && { redacts }),
        room_id: this.roomId,
        depth,
        origin_server_ts: sentAt,
        prev_events: after.map((each) => each.eventId),
        auth_events: chosen.map((each) => each.eventId),
      },
      this.version.id,
    );
    const pdu = signed.event as Pdu;
    const state =
      stateKey === undefined
        ? first.state
        : new Map(first.state).set(stateMapKey(type, stateKey), { eventId: signed.eventId, pdu });
    return { ...signed, state, depth };
  }

  /** Makes an event that follows the newest, or those given, and is the newest. */
  next(event: PeerEvent): PeerPlace {
    this.newest = this.make(event);
    return this.newest;
  }

  /** What the server answers of each event. */
  async send(...events: readonly { readonly event: JsonValue }[]): Promise<Json> {
    return (await this.transact({ pdus: events.map(({ event }) => event) })).pdus;
  }

  async transact(body: JsonObject, txnId = `${encodeURIComponent(this.roomId)}${this.#transactions++}`): Promise<Json> {
    const { serverName } = this.there.peer;
    return this.there.put(`/v1/send/${txnId}`, { origin: serverName, origin_server_ts: sentAt, pdus: [], ...body });
  }
}
