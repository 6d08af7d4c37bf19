import type { JsonObject } from '@myelin/protocol';
import type { Json } from '../client/http-client.ts';
import type { PeerRooms, SignedPeerEvent } from './peer-rooms.ts';

/** A room of a peer that exists nowhere but in the events that it hands in: enough for invites. */
export class PeerRoom {
  readonly roomId: string;
  readonly version: string;
  readonly create: SignedPeerEvent;
  readonly #there: PeerRooms;
  static #rooms = 0;

  constructor(there: PeerRooms, version: string) {
    this.#there = there;
    this.version = version;
    const isNew = version === '12';
    const name = `!room${++PeerRoom.#rooms}:${there.peer.serverName}`;
    const creator = there.userId('bob');
    this.create = there.sign(
      {
        type: 'm.room.create',
        state_key: '',
        sender: creator,
        content: { room_version: version, ...(Number(version) < 11 ? { creator } : {}), serial: PeerRoom.#rooms },
        ...(isNew ? {} : { room_id: name }),
        depth: 1,
        origin_server_ts: Date.now(),
        prev_events: [],
        auth_events: [],
      },
      version,
    );
    this.roomId = isNew ? `!${this.create.eventId.slice(1)}` : name;
  }

  /** A membership event by the peer's user, after the create event or another one. */
  member(target: string, membership: string, changes: JsonObject = {}, auth: readonly string[] = []): SignedPeerEvent {
    const reference = (eventId: string): Json =>
      this.version === '1' || this.version === '2' ? [eventId, { sha256: 'x' }] : eventId;
    const auths = [...(this.version === '12' ? [] : [this.create.eventId]), ...auth];
    return this.#there.sign(
      {
        type: 'm.room.member',
        room_id: this.roomId,
        state_key: target,
        sender: this.#there.userId('bob'),
        content: { membership },
        origin: this.#there.peer.serverName,
        depth: 2,
        origin_server_ts: Date.now(),
        prev_events: [reference(this.create.eventId)],
        auth_events: auths.map(reference),
        ...changes,
      },
      this.version,
    );
  }

  get state(): JsonObject[] {
    const sender = this.#there.userId('bob');
    return [
      this.create.event,
      { type: 'm.room.name', state_key: '', sender, content: { name: 'Theirs' } },
      { type: 'm.room.member', state_key: sender, sender, content: { membership: 'join', displayname: 'Bob' } },
    ];
  }
}
