import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { StoredEvent } from '../events/index.ts';
import { memberOfKey, type EventNid, type RoomNid, type UserNid } from '../names/index.ts';
import type { EventContext, EventProjection, Restatement } from '../timeline/index.ts';

export type Membership = 'join' | 'invite' | 'knock' | 'leave' | 'ban';

/** A user's place in a room, as the current state has it. */
export interface RoomMember {
  readonly room: RoomNid;
  readonly user: UserNid;
  readonly membership: Membership;
  /** The m.room.member event. */
  readonly event: EventNid;
  readonly position: number;
  /** Who sent that event: the user, or who invited, kicked or banned them. */
  readonly sender: UserNid;
  readonly forgotten: boolean;
}

interface MemberRow {
  room: number;
  user_nid: number;
  membership: string;
  event: number;
  position: number;
  sender: number;
  forgotten: number;
}

interface Place {
  readonly user: UserNid;
  readonly membership: Membership;
  readonly event: StoredEvent;
}

const columns = ['room', 'user_nid', 'membership', 'event', 'position', 'sender', 'forgotten'];
const replacing = `(room, user_nid) DO UPDATE SET membership = excluded.membership, event = excluded.event,
  position = excluded.position, sender = excluded.sender, forgotten = excluded.forgotten`;

/** Who is in which room, by the current state of rooms. */
export class RoomMembers implements EventProjection {
  readonly #database: Database;
  readonly #byUser = boundedCache<UserNid, ReadonlyMap<RoomNid, RoomMember>>(20_000);
  readonly #joinedByRoom = new LRUCache<RoomNid, Set<UserNid>>({
    maxSize: 2_000_000,
    sizeCalculation: (set) => set.size + 1,
  });
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  readonly #forgetsOnLeave: boolean;

  /** `forgetsOnLeave`: `forget_rooms_on_leave`. */
  constructor(database: Database, forgetsOnLeave = false) {
    this.#database = database;
    this.#forgetsOnLeave = forgetsOnLeave;
  }

  async apply(writer: Writer, { room, position }: StoredEvent, { changes }: EventContext): Promise<void> {
    await this.#follow(writer, room, changes, position ?? 0);
  }

  async restated(writer: Writer, { room, position, changes }: Restatement): Promise<void> {
    await this.#follow(writer, room, changes, position);
  }

  async #follow(writer: Writer, room: RoomNid, changes: EventContext['changes'], position: number): Promise<void> {
    const places: Place[] = [];
    for (const { key, before, after } of changes) {
      const user = memberOfKey(key);
      const own = after ?? before;
      // State resolution, or another server's word when a room is entered again, can leave a user without any membership.
      const membership = after ? after.content['membership'] : 'leave';
      if (user !== undefined && own && isMembership(membership)) places.push({ user, membership, event: own });
    }
    await this.#put(writer, room, places, position);
  }

  /**
   * A user's membership of a room that this server isn't in: an invite or a knock, or how it ended. `position` is that of
   * the change; the event is no part of a timeline.
   */
  async setOutOfBand(writer: Writer, event: StoredEvent, position: number): Promise<void> {
    if (event.type !== 'm.room.member' || event.fields.stateKeyNid === undefined) return;
    const user = memberOfKey(event.fields.stateKeyNid);
    const membership = event.content['membership'];
    if (user === undefined || !isMembership(membership)) return;
    await this.#put(writer, event.room, [{ user, membership, event }], position);
  }

  async #put(writer: Writer, room: RoomNid, places: readonly Place[], position: number): Promise<void> {
    if (places.length === 0) return;
    const rows = places.map(({ user, membership, event }) => {
      const forgotten = this.#forgetsOnLeave && (membership === 'leave' || membership === 'ban') ? 1 : 0;
      return [room, user, membership, event.nid, position, event.senderNid, forgotten];
    });
    await writer.insert('room_members', columns, rows, replacing);
    writer.onDurable(() => {
      this.#changes++;
      const joined = this.#joinedByRoom.peek(room);
      for (const { user, membership } of places) {
        this.#byUser.delete(user);
        if (!joined) continue;
        if (membership === 'join') joined.add(user);
        else joined.delete(user);
      }
    });
  }

  /** A user's place in a room as it stands inside a transaction. */
  async inRoom(reader: Reader, room: RoomNid, user: UserNid): Promise<RoomMember | undefined> {
    const row = await reader.get<MemberRow>(
      sql`SELECT * FROM room_members WHERE room = ${room} AND user_nid = ${user}`,
    );
    return row && fromRow(row);
  }

  /** All rooms that a user has to do with, those left, banned from and forgotten included. */
  async ofUser(user: UserNid): Promise<ReadonlyMap<RoomNid, RoomMember>> {
    const cached = this.#byUser.get(user);
    if (cached) return cached;
    const before = this.#changes;
    const rows = await this.#database.reader.all<MemberRow>(sql`SELECT * FROM room_members WHERE user_nid = ${user}`);
    const members = new Map(rows.map((row) => [row.room as RoomNid, fromRow(row)]));
    if (before === this.#changes) this.#byUser.set(user, members);
    return members;
  }

  async joinedRooms(user: UserNid): Promise<RoomNid[]> {
    return [...(await this.ofUser(user)).values()]
      .filter((member) => member.membership === 'join')
      .map((member) => member.room);
  }

  async get(room: RoomNid, user: UserNid): Promise<RoomMember | undefined> {
    return (await this.ofUser(user)).get(room);
  }

  async isJoined(room: RoomNid, user: UserNid): Promise<boolean> {
    return (await this.get(room, user))?.membership === 'join';
  }

  /** The users who are in a room. Shared: don't change it. */
  async joinedUsers(room: RoomNid): Promise<ReadonlySet<UserNid>> {
    const cached = this.#joinedByRoom.get(room);
    if (cached) return cached;
    const before = this.#changes;
    const rows = await this.#database.reader.all<{ user_nid: number }>(
      sql`SELECT user_nid FROM room_members WHERE room = ${room} AND membership = 'join'`,
    );
    const joined = new Set(rows.map((row) => row.user_nid as UserNid));
    if (before === this.#changes) this.#joinedByRoom.set(room, joined);
    return joined;
  }

  /** How many users have a membership in a room. */
  async count(room: RoomNid, membership: Membership): Promise<number> {
    if (membership === 'join') return (await this.joinedUsers(room)).size;
    const row = await this.#database.reader.get<{ members: number }>(
      sql`SELECT COUNT(*) AS members FROM room_members WHERE room = ${room} AND membership = ${membership}`,
    );
    return row?.members ?? 0;
  }

  /** Everybody's place in a room, by the current state. */
  async ofRoom(room: RoomNid, reader: Reader = this.#database.reader): Promise<RoomMember[]> {
    return (await reader.all<MemberRow>(sql`SELECT * FROM room_members WHERE room = ${room}`)).map(fromRow);
  }

  /** Users who are in a room together with `user`, `user` included if they are in any. */
  async sharingRoomsWith(user: UserNid): Promise<Set<UserNid>> {
    const shared = new Set<UserNid>();
    for (const room of await this.joinedRooms(user))
      for (const other of await this.joinedUsers(room)) shared.add(other);
    return shared;
  }

  async shareRoom(a: UserNid, b: UserNid): Promise<boolean> {
    const [ofA, ofB] = [await this.ofUser(a), await this.ofUser(b)];
    for (const [room, member] of ofA)
      if (member.membership === 'join' && ofB.get(room)?.membership === 'join') return true;
    return false;
  }

  /** Takes a room that the user has left off their lists. Client-Server API §"Forgetting rooms". */
  async forget(room: RoomNid, user: UserNid): Promise<void> {
    await this.#database.transact(async (writer) => {
      await writer.run(sql`UPDATE room_members SET forgotten = 1 WHERE room = ${room} AND user_nid = ${user}`);
      writer.onDurable(() => {
        this.#changes++;
        this.#byUser.delete(user);
      });
    });
  }
}

function isMembership(value: unknown): value is Membership {
  return value === 'join' || value === 'invite' || value === 'knock' || value === 'leave' || value === 'ban';
}

function fromRow(row: MemberRow): RoomMember {
  return {
    room: row.room as RoomNid,
    user: row.user_nid as UserNid,
    membership: row.membership as Membership,
    event: row.event as EventNid,
    position: row.position,
    sender: row.sender as UserNid,
    forgotten: row.forgotten !== 0,
  };
}
