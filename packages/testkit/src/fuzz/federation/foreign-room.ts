import { randomUUID } from 'node:crypto';
import {
  authTypesForEvent,
  hashAndSignEvent,
  roomVersion,
  type JsonObject,
  type JsonValue,
  type RoomVersion,
  type UnsignedPdu,
} from '@myelin/protocol';
import type { SignedPeerEvent } from '../../federation/peer-rooms.ts';
import type { TestPeer } from '../../federation/test-peer.ts';

/** A public room of the other server, as it should be, for users of the server to enter. */
export class ForeignRoom {
  readonly roomId: string;
  readonly owner: string;
  readonly events: SignedPeerEvent[] = [];
  readonly version: RoomVersion;
  /** Whether it lets others in without its members, which follow when they are asked for. */
  isPartial = false;
  readonly #peer: TestPeer;
  readonly #state = new Map<string, SignedPeerEvent>();

  constructor(peer: TestPeer, versionId: string, owner: string) {
    this.#peer = peer;
    this.version = roomVersion(versionId) as RoomVersion;
    this.owner = owner;
    const isNew = this.version.roomIdIsCreateEventId;
    this.roomId = isNew ? '' : `!${randomUUID()}:${peer.serverName}`;
    const creator = this.version.creatorInContent ? { creator: owner } : {};
    const create = this.add('m.room.create', { room_version: versionId, serial: randomUUID(), ...creator }, '');
    if (isNew) this.roomId = `!${create.eventId.slice(1)}`;
    this.add('m.room.member', { membership: 'join' }, owner);
    this.add('m.room.power_levels', { users: this.version.privilegedCreators ? {} : { [owner]: 100 } }, '');
    this.add('m.room.join_rules', { join_rule: 'public' }, '');
    this.add('m.room.name', { name: 'Theirs' }, '');
    this.add('m.room.message', { msgtype: 'm.text', body: 'text of old' });
  }

  get state(): SignedPeerEvent[] {
    return [...this.#state.values()];
  }

  /** An event of the owner at the end of the room. */
  add(type: string, content: JsonObject, stateKey?: string): SignedPeerEvent {
    const key = stateKey === undefined ? {} : { state_key: stateKey };
    const rest = this.#place({ type, sender: this.owner, content, ...key });
    const ownId = this.version.eventIdFormat === 'sender-chosen';
    const id = ownId ? { event_id: `$${randomUUID()}:${this.#peer.serverName}` } : {};
    const event = { ...rest, ...id, origin_server_ts: Date.now() } as unknown as UnsignedPdu;
    const made = hashAndSignEvent(event, this.version, this.#peer.serverName, this.#peer.key);
    return this.enter(made.eventId, made.event as JsonObject);
  }

  /** Takes an event in that another server has made. */
  enter(eventId: string, event: JsonObject): SignedPeerEvent {
    const entry = { eventId, event };
    this.events.push(entry);
    if (typeof event['state_key'] === 'string')
      this.#state.set(`${String(event['type'])} ${event['state_key']}`, entry);
    return entry;
  }

  /** What make_join and the like answer for a user. */
  template(userId: string, membership: string): JsonObject {
    const event = this.#place({ type: 'm.room.member', sender: userId, state_key: userId, content: { membership } });
    return { event, room_version: this.version.id };
  }

  /** What send_join answers, before the event is in the room. */
  joinAnswer(event: JsonObject): JsonObject {
    const all = this.state.map((each) => each.event);
    const state = this.isPartial ? all.filter(({ type }) => type !== 'm.room.member') : all;
    const servers = this.isPartial ? { servers_in_room: [this.#peer.serverName] } : {};
    return {
      origin: this.#peer.serverName,
      state,
      auth_chain: all,
      event,
      members_omitted: this.isPartial,
      ...servers,
    };
  }

  #place(event: { type: string; sender: string; content: JsonObject; state_key?: string }): JsonObject {
    const last = this.events.at(-1);
    const reference = ({ eventId }: SignedPeerEvent): JsonValue =>
      this.version.eventReferences === 'id' ? eventId : [eventId, { sha256: 'x' }];
    const auth = authTypesForEvent(event, this.version).flatMap(({ type, stateKey }) => {
      const found = this.#state.get(`${type} ${stateKey}`);
      return found ? [reference(found)] : [];
    });
    return {
      ...event,
      ...(this.roomId === '' ? {} : { room_id: this.roomId }),
      prev_events: last ? [reference(last)] : [],
      auth_events: auth,
      depth: this.events.length + 1,
    };
  }
}
