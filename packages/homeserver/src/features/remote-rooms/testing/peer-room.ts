import {
  hashAndSignEvent,
  referenceHash,
  roomVersion,
  type EventReference,
  type JsonObject,
  type JsonValue,
  type Pdu,
  type RoomVersion,
  type UnsignedPdu,
} from '@myelin/protocol';
import { randomString, systemRuntime } from '@myelin/runtime';
import type { PeerAnswer, PeerRequest, TestPeer } from '@myelin/testkit';

/** An event of a `PeerRoom`. */
export interface PeerEvent {
  readonly eventId: string;
  readonly pdu: Pdu;
}

/** A room that a test's peer has made by hand, as it should be, so that tests can spoil it. */
export class PeerRoom {
  readonly peer: TestPeer;
  readonly version: RoomVersion;
  readonly roomId: string;
  readonly owner: string;
  readonly events: PeerEvent[] = [];
  /** By type and state key. */
  readonly state = new Map<string, PeerEvent>();
  #time = systemRuntime.clock.now() - 1_000_000;

  constructor(peer: TestPeer, versionId = '11') {
    const version = roomVersion(versionId);
    if (!version) throw new Error(`No room version ${versionId}`);
    this.peer = peer;
    this.version = version;
    this.owner = `@owner:${peer.serverName}`;
    const content: JsonObject = {
      room_version: versionId,
      ...(version.creatorInContent ? { creator: this.owner } : {}),
    };
    this.roomId = version.roomIdIsCreateEventId ? '' : `!${randomString(systemRuntime.random, 18)}:${peer.serverName}`;
    const create = this.add('m.room.create', content, '');
    if (version.roomIdIsCreateEventId) this.roomId = `!${create.eventId.slice(1)}`;
    this.add('m.room.member', { membership: 'join' }, this.owner);
    this.add('m.room.power_levels', { users: version.privilegedCreators ? {} : { [this.owner]: 100 } }, '');
    this.add('m.room.join_rules', { join_rule: 'public' }, '');
    this.add('m.room.history_visibility', { history_visibility: 'shared' }, '');
  }

  /** Adds an event of the owner. */
  add(type: string, content: JsonObject, stateKey?: string): PeerEvent {
    const event = this.make(type, content, stateKey);
    this.events.push(event);
    if (stateKey !== undefined) this.state.set(`${type} ${stateKey}`, event);
    return event;
  }

  /** Makes an event of the owner at the end of the room, without adding it. */
  make(type: string, content: JsonObject, stateKey?: string, changes: JsonObject = {}): PeerEvent {
    const last = this.events.at(-1);
    const event: JsonObject = {
      type,
      content,
      sender: this.owner,
      depth: this.events.length + 1,
      origin_server_ts: (this.#time += 1000),
      prev_events: last ? [this.#reference(last)] : [],
      auth_events: this.#authEvents(type, stateKey),
      ...(this.roomId === '' ? {} : { room_id: this.roomId }),
      ...(stateKey === undefined ? {} : { state_key: stateKey }),
      ...(this.version.eventIdFormat === 'sender-chosen'
        ? { event_id: `$e${this.events.length}x${this.#time}:${this.peer.serverName}` }
        : {}),
      ...changes,
    };
    const signed = hashAndSignEvent(event as UnsignedPdu, this.version, this.peer.serverName, this.peer.key);
    return { eventId: signed.eventId, pdu: signed.event };
  }

  /** What make_join and the like answer for a user. */
  template(userId: string, membership: string, changes: JsonObject = {}, content: JsonObject = {}): PeerAnswer {
    const last = this.events.at(-1) as PeerEvent;
    const event: JsonObject = {
      type: 'm.room.member',
      room_id: this.roomId,
      sender: userId,
      state_key: userId,
      content: { membership, ...content },
      depth: this.events.length + 1,
      prev_events: [this.#reference(last)],
      auth_events: this.#authEvents(
        'm.room.member',
        userId,
        false,
        content['join_authorised_via_users_server'] !== undefined,
      ),
      ...changes,
    };
    return { body: { event, room_version: this.version.id } };
  }

  /** What send_join answers. */
  joinAnswer(changes: JsonObject = {}): PeerAnswer {
    const state = [...this.state.values()].map(({ pdu }) => pdu);
    const auth = this.events.filter(({ pdu }) => pdu.state_key !== undefined).map(({ pdu }) => pdu);
    return {
      body: { origin: this.peer.serverName, state: state as JsonValue, auth_chain: auth as JsonValue, ...changes },
    };
  }

  /** A handler that lets users join, and knows the room's events. */
  handle(request: PeerRequest): PeerAnswer | undefined | Promise<PeerAnswer | undefined> {
    const path = decodeURIComponent(request.url.split('?')[0] as string);
    const last = path.split('/').at(-1) as string;
    if (path.includes('/make_join/')) return this.template(last, 'join');
    if (path.includes('/v2/send_join/')) {
      const event = JSON.parse(request.body) as Pdu;
      const answer = this.joinAnswer({ event });
      this.events.push({ eventId: last, pdu: event });
      return answer;
    }
    if (path.includes('/state_ids/')) {
      const ids = [...this.state.values()].map(({ eventId }) => eventId);
      return { body: { pdu_ids: ids, auth_chain_ids: ids } };
    }
    if (path.includes('/send/')) return { body: { pdus: {} } };
    return undefined;
  }

  /** Of a membership event of another user, `vouched` says whether the owner lets them in. */
  #authEvents(type: string, stateKey: string | undefined, isOwners = true, vouched = false): EventReference[] {
    if (type === 'm.room.create') return [];
    const keys = ['m.room.power_levels '];
    if (!this.version.roomIdIsCreateEventId) keys.push('m.room.create ');
    if (isOwners || vouched) keys.push(`m.room.member ${this.owner}`);
    if (type === 'm.room.member' && !isOwners) keys.push('m.room.join_rules ');
    if (type === 'm.room.member' && stateKey !== this.owner) keys.push(`m.room.member ${stateKey}`);
    return keys.flatMap((key) => {
      const event = this.state.get(key);
      return event ? [this.#reference(event)] : [];
    });
  }

  #reference({ eventId, pdu }: PeerEvent): EventReference {
    return this.version.eventReferences === 'id' ? eventId : [eventId, { sha256: referenceHash(pdu, this.version) }];
  }
}
