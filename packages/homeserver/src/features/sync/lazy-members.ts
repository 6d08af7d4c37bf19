import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';

/** Which member events a device was sent for a room: they needn't be sent again. */
export interface LazyMembers {
  has(user: UserNid, event: EventNid): boolean;
  add(user: UserNid, event: EventNid): void;
}

/** Members remembered for one device and room. */
const mostMembers = 2_000;

interface Session {
  /** The position of the last answer. */
  answered: number;
  readonly rooms: LRUCache<RoomNid, LRUCache<UserNid, EventNid>>;
}

/**
 * What devices were sent of lazily loaded members. A device that doesn't go on from our last answer (it may never have
 * got it) starts anew. It may forget: then a member is sent once more, which clients bear.
 */
export class LazyMemberMemory {
  readonly #sessions = boundedCache<string, Session>(20_000);

  /** `key` names the device; `since` is where its sync goes on from. */
  session(key: string, since: number): { of(room: RoomNid): LazyMembers; answered(position: number): void } {
    let session = this.#sessions.get(key);
    if (!session || session.answered !== since || since === 0) {
      session = { answered: since, rooms: boundedCache(5_000) };
      this.#sessions.set(key, session);
    }
    const known = session;
    return {
      of(room) {
        let sent = known.rooms.get(room);
        if (!sent) {
          sent = boundedCache(mostMembers);
          known.rooms.set(room, sent);
        }
        const members = sent;
        return {
          has: (user, event) => members.get(user) === event,
          add: (user, event) => void members.set(user, event),
        };
      },
      answered(position) {
        known.answered = position;
      },
    };
  }
}
