import type { Reader } from '@myelin/database';
import type { Events, StoredEvent } from '../events/index.ts';
import { memberKey, memberOfKey, type EventNid, type Names, type StateKeyNid, type UserNid } from '../names/index.ts';
import type { StateDifference, StateMaps, StateRoot } from '../state-map/index.ts';

/** Reads the state of rooms as events, by names. */
export class RoomStates {
  readonly #names: Names;
  readonly #maps: StateMaps;
  readonly #events: Events;

  constructor(names: Names, maps: StateMaps, events: Events) {
    this.#names = names;
    this.#maps = maps;
    this.#events = events;
  }

  /** The event that a (type, state_key) has in a state. */
  async get(state: StateRoot, type: string, stateKey: string, reader?: Reader): Promise<StoredEvent | undefined> {
    const key = await this.#names.findStateKey(type, stateKey, reader);
    return key === undefined ? undefined : this.getByKey(state, key, reader);
  }

  async getByKey(state: StateRoot, key: StateKeyNid, reader?: Reader): Promise<StoredEvent | undefined> {
    const nid = await this.#maps.get(state, key, reader);
    return nid === undefined ? undefined : this.#events.get(nid, reader);
  }

  eventOf(nid: EventNid, reader?: Reader): Promise<StoredEvent> {
    return this.#events.get(nid, reader);
  }

  /** A user's m.room.member event. */
  async member(state: StateRoot, user: UserNid, reader?: Reader): Promise<StoredEvent | undefined> {
    return this.getByKey(state, memberKey(user), reader);
  }

  /** A user's membership; `leave` where there is none. */
  async membership(state: StateRoot, user: UserNid, reader?: Reader): Promise<string> {
    const membership = (await this.member(state, user, reader))?.content['membership'];
    return typeof membership === 'string' ? membership : 'leave';
  }

  /** All events of a state; `keep` decides by key which are wanted at all. */
  async all(
    state: StateRoot,
    reader?: Reader,
    keep: (key: StateKeyNid) => boolean = () => true,
  ): Promise<StoredEvent[]> {
    return this.#eventsOf(await this.#nids(state, keep, reader), reader);
  }

  async #nids(state: StateRoot, keep: (key: StateKeyNid) => boolean, reader?: Reader): Promise<EventNid[]> {
    const wanted: EventNid[] = [];
    for (const [key, nid] of await this.#maps.entries(state, reader)) if (keep(key)) wanted.push(nid);
    return wanted;
  }

  async #eventsOf(nids: readonly EventNid[], reader?: Reader): Promise<StoredEvent[]> {
    const events = await this.#events.getMany(nids, reader);
    return nids.map((nid) => events.get(nid) as StoredEvent);
  }

  /** The events of a state that aren't memberships. */
  allButMembers(state: StateRoot, reader?: Reader): Promise<StoredEvent[]> {
    return this.all(state, reader, (key) => memberOfKey(key) === undefined);
  }

  allMembers(state: StateRoot, reader?: Reader): Promise<StoredEvent[]> {
    return this.all(state, reader, isMemberKey);
  }

  /** As `allMembers`, so many at a time, each read when it is called for. */
  async membersInLots(state: StateRoot, size: number): Promise<(() => Promise<StoredEvent[]>)[]> {
    const nids = await this.#nids(state, isMemberKey);
    return Array.from({ length: Math.ceil(nids.length / size) }, (_, i) => {
      return () => this.#eventsOf(nids.slice(i * size, (i + 1) * size));
    });
  }

  diff(before: StateRoot, after: StateRoot, reader?: Reader): Promise<StateDifference[]> {
    return this.#maps.diff(before, after, reader);
  }
}

function isMemberKey(key: StateKeyNid): boolean {
  return memberOfKey(key) !== undefined;
}
