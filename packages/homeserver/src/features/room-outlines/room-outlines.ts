import { roomVersion } from '@myelin/protocol';
import type { ClientEvents } from '../client-events/index.ts';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { RoomMember } from '../room-members/index.ts';
import type { RoomStates } from '../timeline/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';

/** A type of state that outlines show; without a state key, whatever its state key is. */
export interface OutlineType {
  readonly type: string;
  readonly stateKey: string | undefined;
}

const defaultTypes: readonly OutlineType[] = [
  'm.room.create',
  'm.room.join_rules',
  'm.room.canonical_alias',
  'm.room.avatar',
  'm.room.encryption',
  'm.room.name',
  'm.room.topic',
].map((type) => ({ type, stateKey: '' }));

export interface OutlineOptions {
  /** `room_prejoin_state` */
  readonly disableDefaults: boolean;
  readonly additional: readonly OutlineType[];
}

/** Rooms that this server isn't in. Implemented by `features/invited-rooms`. */
export interface OutOfBandOutlines {
  /** What another server told with a user's invite or knock: JSON texts. */
  strippedState(room: RoomNid, user: UserNid): Promise<readonly string[]>;
}

/** What those who are invited to a room, or knock, see of it: stripped state. Client-Server API §"Stripped state". */
export class RoomOutlines {
  readonly #states: RoomStates;
  readonly #events: Events;
  readonly #clientEvents: ClientEvents;
  readonly #outOfBand: OutOfBandOutlines;
  readonly #types: readonly OutlineType[];

  constructor(
    states: RoomStates,
    events: Events,
    clientEvents: ClientEvents,
    outOfBand: OutOfBandOutlines,
    options: OutlineOptions,
  ) {
    this.#states = states;
    this.#events = events;
    this.#clientEvents = clientEvents;
    this.#outOfBand = outOfBand;
    const types = options.disableDefaults ? defaultTypes.slice(0, 1) : [...defaultTypes];
    this.#types = [...types, ...options.additional];
  }

  /** JSON texts of the stripped state for somebody's invite or knock, theirs own event not among them. */
  async ofMember(member: RoomMember): Promise<readonly string[]> {
    const event = await this.#events.get(member.event);
    if (event.isOutlier) return this.#outOfBand.strippedState(member.room, member.user);
    const state = event.fields.stateBefore;
    const out: string[] = [];
    for (const each of await this.#eventsOf(state)) if (each.nid !== event.nid) out.push(await this.#stripped(each));
    // Who invites: so that the client can show their name.
    if (member.membership === 'invite') {
      const inviter = await this.#states.member(state, event.senderNid);
      if (inviter) out.push(await this.#clientEvents.stripped(inviter));
    }
    return out;
  }

  /**
   * The same for other servers, to which events are told whole: JSON texts of PDUs. `inviter`: whose member event goes
   * with them. Server-Server API §PUT /invite, §PUT /send_knock.
   */
  async pdus(state: StateRoot, inviter?: UserNid): Promise<string[]> {
    const found = await this.#eventsOf(state);
    const member = inviter === undefined ? undefined : await this.#states.member(state, inviter);
    return [...found, ...(member ? [member] : [])].map((event) => event.fields.json);
  }

  /** Where the room's id is made from it, the create event is told whole, so that it can be checked (MSC4311). */
  async #stripped(event: StoredEvent): Promise<string> {
    if (event.type === 'm.room.create' && roomVersion(versionIn(event))?.roomIdIsCreateEventId === true)
      return event.fields.json;
    return this.#clientEvents.stripped(event);
  }

  async #eventsOf(state: StateRoot): Promise<StoredEvent[]> {
    const found: StoredEvent[] = [];
    for (const { type, stateKey } of this.#types) {
      if (stateKey === undefined) {
        for (const event of await this.#states.allButMembers(state)) if (event.type === type) found.push(event);
      } else {
        const event = await this.#states.get(state, type, stateKey);
        if (event) found.push(event);
      }
    }
    return found;
  }
}

function versionIn(create: StoredEvent): string {
  const version = create.content['room_version'];
  return typeof version === 'string' ? version : '1';
}
