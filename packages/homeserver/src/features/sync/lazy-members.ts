import { LRUCache } from 'lru-cache';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';

/** Which member events a device was sent for a room: they needn't be sent again. */
export interface LazyMembers {
  has(user: UserNid, event: EventNid): boolean;
  add(user: UserNid, event: EventNid): void;
}

export interface LazyMemberSession {
  of(room: RoomNid): LazyMembers;
  answered(position: number): void;
}

/** Members remembered for one device and room. */
const mostOfRoom = 2_000;
/** … for one device, and for all together: about 60 bytes each. */
const mostOfDevice = 50_000;
const mostOfAll = 500_000;

/** What a device was sent. */
class Sent {
  /** The position of the last answer. */
  answered: number;
  size = 1;
  readonly #rooms = new Map<RoomNid, Map<UserNid, EventNid>>();

  constructor(answered: number) {
    this.answered = answered;
  }

  of(room: RoomNid): LazyMembers {
    return {
      has: (user, event) => this.#rooms.get(room)?.get(user) === event,
      add: (user, event) => this.#add(room, user, event),
    };
  }

  #add(room: RoomNid, user: UserNid, event: EventNid): void {
    if (this.size > mostOfDevice) {
      this.#rooms.clear();
      this.size = 1;
    }
    let members = this.#rooms.get(room);
    if (!members) this.#rooms.set(room, (members = new Map()));
    if (!members.has(user)) this.size++;
    members.set(user, event);
    if (members.size <= mostOfRoom) return;
    const [oldest] = members.keys();
    members.delete(oldest as UserNid);
    this.size--;
  }
}

/**
 * What devices were sent of lazily loaded members. A device that doesn't go on from our last answer (it may never have
 * got it) starts anew. It may forget: then a member is sent once more, which clients bear.
 */
export class LazyMemberMemory {
  readonly #devices = new LRUCache<string, Sent>({ maxSize: mostOfAll, sizeCalculation: ({ size }) => size });

  /** `key` names the device; `since` is where its sync goes on from. */
  session(key: string, since: number): LazyMemberSession {
    const known = this.#devices.get(key);
    const sent = known && known.answered === since && since !== 0 ? known : new Sent(since);
    this.#devices.set(key, sent);
    return {
      of: (room) => sent.of(room),
      answered: (position) => {
        sent.answered = position;
        // It has grown, unless another request of the device has taken its place.
        if (this.#devices.peek(key) !== sent) return;
        this.#devices.delete(key);
        this.#devices.set(key, sent);
      },
    };
  }
}
