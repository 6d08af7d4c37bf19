import { sql, type Database, type Reader, type Sql, type Writer } from '@myelin/database';
import { stateMapKey } from '@myelin/protocol';
import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import { memberKey, memberOfKey, type RoomNid, type StateKeyNid, type TypeNid, type UserNid } from '../../nids.ts';

/** A key of the room state by its names. */
export interface StateKeyPair {
  readonly type: string;
  readonly stateKey: string;
}

/** Numbers and names of one kind, both ways, for the names used last. */
class NameCache {
  readonly #byName: LRUCache<string, number>;
  readonly #byNid: LRUCache<number, string>;

  constructor(max: number) {
    this.#byName = boundedCache(max);
    this.#byNid = boundedCache(max);
  }

  nid(name: string): number | undefined {
    return this.#byName.get(name);
  }

  name(nid: number): string | undefined {
    return this.#byNid.get(nid);
  }

  add(nid: number, name: string): void {
    this.#byName.set(name, nid);
    this.#byNid.set(nid, name);
  }
}

const memberType = 'm.room.member';

/**
 * Translates between names (user ids, room ids, event types, state keys) and the numbers that tables and caches use.
 * Names are given their number once and keep it. `find…` only looks; the others give a number if there is none.
 * What a transaction adds is cached when that transaction is durable.
 */
export class Names {
  readonly #database: Database;
  readonly #counters: { users: Counter; rooms: Counter; types: Counter; stateKeys: Counter };
  readonly #users = new NameCache(200_000);
  readonly #rooms = new NameCache(50_000);
  readonly #types = new NameCache(10_000);
  readonly #stateKeys = new NameCache(50_000);
  readonly #stateKeyPairs = boundedCache<number, StateKeyPair>(50_000);

  private constructor(
    database: Database,
    counters: { users: Counter; rooms: Counter; types: Counter; stateKeys: Counter },
  ) {
    this.#database = database;
    this.#counters = counters;
  }

  static async open(database: Database, counters: Counters): Promise<Names> {
    return new Names(database, {
      users: await counters.open('user_names'),
      rooms: await counters.open('room_names'),
      types: await counters.open('type_names'),
      stateKeys: await counters.open('state_keys'),
    });
  }

  // Users

  async findUser(userId: string, reader: Reader = this.#database.reader): Promise<UserNid | undefined> {
    const cached = this.#users.nid(userId);
    if (cached !== undefined) return cached as UserNid;
    const row = await reader.get<{ nid: number }>(sql`SELECT nid FROM user_names WHERE user_id = ${userId}`);
    if (row && reader === this.#database.reader) this.#users.add(row.nid, userId);
    return row?.nid as UserNid | undefined;
  }

  /** The numbers of those among many users whom the server knows. */
  async findUsers(userIds: Iterable<string>, reader: Reader = this.#database.reader): Promise<Map<string, UserNid>> {
    const found = new Map<string, UserNid>();
    const missing: string[] = [];
    for (const userId of userIds) {
      const nid = this.#users.nid(userId);
      if (nid === undefined) missing.push(userId);
      else found.set(userId, nid as UserNid);
    }
    if (missing.length === 0) return found;
    const rows = await reader.all<{ nid: number; user_id: string }>(
      sql`SELECT nid, user_id FROM user_names WHERE ${sql.anyOf('user_id', missing)}`,
    );
    for (const row of rows) {
      if (reader === this.#database.reader) this.#users.add(row.nid, row.user_id);
      found.set(row.user_id, row.nid as UserNid);
    }
    return found;
  }

  async user(writer: Writer, userId: string): Promise<UserNid> {
    const found = await this.findUser(userId, writer);
    if (found !== undefined) return found;
    const rows = await writer.all<{ nid: number }>(
      sql`INSERT INTO user_names (nid, user_id) VALUES (${this.#counters.users.take()}, ${userId}) ON CONFLICT (user_id) DO NOTHING RETURNING nid`,
    );
    return this.#added(writer, this.#users, rows, userId, () => this.findUser(userId, writer)) as Promise<UserNid>;
  }

  /** The numbers of many users at once; gives numbers to those who have none. */
  async users(writer: Writer, userIds: Iterable<string>): Promise<Map<string, UserNid>> {
    const wanted = new Set(userIds);
    const found = await this.findUsers(wanted, writer);
    const missing = [...wanted].filter((userId) => !found.has(userId));
    if (missing.length === 0) return found;
    await writer.insert(
      'user_names',
      ['nid', 'user_id'],
      missing.map((userId) => [this.#counters.users.take(), userId]),
      '(user_id) DO NOTHING',
    );
    const added = await this.findUsers(missing, writer);
    for (const [userId, nid] of added) found.set(userId, nid);
    writer.onDurable(() => {
      for (const [userId, nid] of added) this.#users.add(nid, userId);
    });
    return found;
  }

  async userId(user: UserNid, reader: Reader = this.#database.reader): Promise<string> {
    return (
      this.#users.name(user) ??
      this.#load(this.#users, user, reader, sql`SELECT user_id AS name FROM user_names WHERE nid = ${user}`)
    );
  }

  /** The user's id if it is in memory: for hot paths, after `loadUsers`. */
  cachedUserId(user: UserNid): string | undefined {
    return this.#users.name(user);
  }

  /** Ids of many users at once. */
  async userIds(users: Iterable<UserNid>, reader: Reader = this.#database.reader): Promise<Map<UserNid, string>> {
    const found = new Map<UserNid, string>();
    const missing: number[] = [];
    for (const user of users) {
      const name = this.#users.name(user);
      if (name === undefined) missing.push(user);
      else found.set(user, name);
    }
    if (missing.length > 0) {
      const rows = await reader.all<{ nid: number; user_id: string }>(
        sql`SELECT nid, user_id FROM user_names WHERE ${sql.anyOf('nid', missing)}`,
      );
      for (const row of rows) {
        this.#users.add(row.nid, row.user_id);
        found.set(row.nid as UserNid, row.user_id);
      }
    }
    return found;
  }

  // Rooms

  async findRoom(roomId: string, reader: Reader = this.#database.reader): Promise<RoomNid | undefined> {
    const cached = this.#rooms.nid(roomId);
    if (cached !== undefined) return cached as RoomNid;
    const row = await reader.get<{ nid: number }>(sql`SELECT nid FROM room_names WHERE room_id = ${roomId}`);
    if (row && reader === this.#database.reader) this.#rooms.add(row.nid, roomId);
    return row?.nid as RoomNid | undefined;
  }

  async room(writer: Writer, roomId: string): Promise<RoomNid> {
    const found = await this.findRoom(roomId, writer);
    if (found !== undefined) return found;
    const rows = await writer.all<{ nid: number }>(
      sql`INSERT INTO room_names (nid, room_id) VALUES (${this.#counters.rooms.take()}, ${roomId}) ON CONFLICT (room_id) DO NOTHING RETURNING nid`,
    );
    return this.#added(writer, this.#rooms, rows, roomId, () => this.findRoom(roomId, writer)) as Promise<RoomNid>;
  }

  async roomId(room: RoomNid, reader: Reader = this.#database.reader): Promise<string> {
    return (
      this.#rooms.name(room) ??
      this.#load(this.#rooms, room, reader, sql`SELECT room_id AS name FROM room_names WHERE nid = ${room}`)
    );
  }

  cachedRoomId(room: RoomNid): string | undefined {
    return this.#rooms.name(room);
  }

  // Event types

  async type(writer: Writer, type: string): Promise<TypeNid> {
    const found = await this.findType(type, writer);
    if (found !== undefined) return found;
    const rows = await writer.all<{ nid: number }>(
      sql`INSERT INTO type_names (nid, type) VALUES (${this.#counters.types.take()}, ${type}) ON CONFLICT (type) DO NOTHING RETURNING nid`,
    );
    return this.#added(writer, this.#types, rows, type, () => this.findType(type, writer)) as Promise<TypeNid>;
  }

  async findType(type: string, reader: Reader = this.#database.reader): Promise<TypeNid | undefined> {
    const cached = this.#types.nid(type);
    if (cached !== undefined) return cached as TypeNid;
    const row = await reader.get<{ nid: number }>(sql`SELECT nid FROM type_names WHERE type = ${type}`);
    if (row && reader === this.#database.reader) this.#types.add(row.nid, type);
    return row?.nid as TypeNid | undefined;
  }

  async typeName(type: TypeNid, reader: Reader = this.#database.reader): Promise<string> {
    return (
      this.#types.name(type) ??
      this.#load(this.#types, type, reader, sql`SELECT type AS name FROM type_names WHERE nid = ${type}`)
    );
  }

  cachedTypeName(type: TypeNid): string | undefined {
    return this.#types.name(type);
  }

  // State keys

  async findStateKey(
    type: string,
    stateKey: string,
    reader: Reader = this.#database.reader,
  ): Promise<StateKeyNid | undefined> {
    if (type === memberType) {
      const user = await this.findUser(stateKey, reader);
      return user === undefined ? undefined : memberKey(user);
    }
    const key = stateMapKey(type, stateKey);
    const cached = this.#stateKeys.nid(key);
    if (cached !== undefined) return cached as StateKeyNid;
    const row = await reader.get<{ nid: number }>(
      sql`SELECT nid FROM state_keys WHERE type = ${type} AND state_key = ${stateKey}`,
    );
    if (row && reader === this.#database.reader) this.#stateKeys.add(row.nid, key);
    return row?.nid as StateKeyNid | undefined;
  }

  /** The number of a state key that was used lately, if it was: nothing is read for it. Not for m.room.member. */
  usedStateKey(type: string, stateKey: string): StateKeyNid | undefined {
    return this.#stateKeys.nid(stateMapKey(type, stateKey)) as StateKeyNid | undefined;
  }

  async stateKey(writer: Writer, type: string, stateKey: string): Promise<StateKeyNid> {
    if (type === memberType) return memberKey(await this.user(writer, stateKey));
    const found = await this.findStateKey(type, stateKey, writer);
    if (found !== undefined) return found;
    const nid = this.#counters.stateKeys.take() * 2 + 1;
    const rows = await writer.all<{ nid: number }>(
      sql`INSERT INTO state_keys (nid, type, state_key) VALUES (${nid}, ${type}, ${stateKey}) ON CONFLICT (type, state_key) DO NOTHING RETURNING nid`,
    );
    return this.#added(writer, this.#stateKeys, rows, stateMapKey(type, stateKey), () =>
      this.findStateKey(type, stateKey, writer),
    ) as Promise<StateKeyNid>;
  }

  /** The names of a state key. */
  async stateKeyPair(key: StateKeyNid, reader: Reader = this.#database.reader): Promise<StateKeyPair> {
    const user = memberOfKey(key);
    if (user !== undefined) return { type: memberType, stateKey: await this.userId(user, reader) };
    const cached = this.#stateKeyPairs.get(key);
    if (cached) return cached;
    const row = await reader.get<{ type: string; state_key: string }>(
      sql`SELECT type, state_key FROM state_keys WHERE nid = ${key}`,
    );
    if (!row) throw new Error(`No state key has the number ${key}`);
    const pair = { type: row.type, stateKey: row.state_key };
    this.#stateKeyPairs.set(key, pair);
    return pair;
  }

  async #load(cache: NameCache, nid: number, reader: Reader, query: Sql): Promise<string> {
    const row = await reader.get<{ name: string }>(query);
    if (!row) throw new Error(`No name has the number ${nid}`);
    // What a transaction reads may be its own and may not last.
    if (reader === this.#database.reader) cache.add(nid, row.name);
    return row.name;
  }

  async #added(
    writer: Writer,
    cache: NameCache,
    rows: { nid: number }[],
    name: string,
    find: () => Promise<number | undefined>,
  ): Promise<number> {
    // No row: another transaction added the name meanwhile.
    const nid = rows[0]?.nid ?? ((await find()) as number);
    writer.onDurable(() => cache.add(nid, name));
    return nid;
  }
}
