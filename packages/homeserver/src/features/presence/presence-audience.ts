import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { PresenceNews } from './presence-log.ts';

/** A set of users, or what is kept by user. */
interface UserCollection {
  readonly size: number;
  has(user: UserNid): boolean;
  keys(): Iterable<UserNid>;
}

/** Who is told of whose presence: those who share a room. */
export class PresenceAudience {
  readonly #members: RoomMembers;
  readonly #names: Names;
  readonly #excluded: ReadonlySet<string>;

  constructor(members: RoomMembers, names: Names, excludedRooms: ReadonlySet<string>) {
    this.#members = members;
    this.#names = names;
    this.#excluded = excludedRooms;
  }

  /** The rooms through which a user sees others. */
  async roomsOf(user: UserNid): Promise<RoomNid[]> {
    const rooms = await this.#members.joinedRooms(user);
    if (this.#excluded.size === 0) return rooms;
    const seen: RoomNid[] = [];
    for (const room of rooms) if (!this.#excluded.has(await this.#names.roomId(room))) seen.push(room);
    return seen;
  }

  /** Whether users see each other through a room. */
  async includes(room: RoomNid): Promise<boolean> {
    return this.#excluded.size === 0 || !this.#excluded.has(await this.#names.roomId(room));
  }

  async sees(user: UserNid, other: UserNid): Promise<boolean> {
    return this.#isInOne(other, await this.roomsOf(user));
  }

  /** Whether news are for a user, who sees others through `rooms`. */
  async concerns(news: PresenceNews, user: UserNid, rooms: readonly RoomNid[]): Promise<boolean> {
    if (news.room === undefined) return news.user === user || this.#isInOne(news.user, rooms);
    return (
      news.user !== user && rooms.includes(news.room) && (await this.#members.joinedUsers(news.room)).has(news.user)
    );
  }

  /** Adds to `found` the users in rooms; `among` undefined: all of them. */
  async addMembers(found: Set<UserNid>, rooms: readonly RoomNid[], among: UserCollection | undefined): Promise<void> {
    for (const room of rooms) {
      const joined = await this.#members.joinedUsers(room);
      if (!among) for (const user of joined) found.add(user);
      else if (among.size < joined.size) {
        for (const user of among.keys()) if (joined.has(user)) found.add(user);
      } else for (const user of joined) if (among.has(user)) found.add(user);
    }
  }

  async #isInOne(user: UserNid, rooms: readonly RoomNid[]): Promise<boolean> {
    for (const room of rooms) if ((await this.#members.joinedUsers(room)).has(user)) return true;
    return false;
  }
}
