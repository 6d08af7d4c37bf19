import { sql, type Database, type Writer } from '@myelin/database';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { DirectoryEntry } from './ranking.ts';
import { wordsOf } from './words.ts';

export interface FoundEntry extends DirectoryEntry {
  readonly user: UserNid;
}

interface Row {
  user_nid: number;
  user_id: string;
  is_local: number;
  display_name: string | null;
  avatar_url: string | null;
}

/** So many entries are looked at for a search; of more, any. */
const mostCandidates = 5_000;

const columns = ['user_nid', 'user_id', 'is_local', 'display_name', 'avatar_url'];
const replacing = `(user_nid) DO UPDATE SET is_local = excluded.is_local, display_name = excluded.display_name,
  avatar_url = excluded.avatar_url`;

/** The tables of the user directory. */
export class DirectoryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(writer: Writer, user: UserNid, entry: DirectoryEntry): Promise<void> {
    return this.putMany(writer, [[user, entry]]);
  }

  /** Each user once. Entries that are so already cost a look: most people of a room of thousands are in other rooms too. */
  async putMany(writer: Writer, entries: readonly (readonly [UserNid, DirectoryEntry])[]): Promise<void> {
    const before = await this.#entriesOf(
      entries.map(([user]) => user),
      writer,
    );
    const changed = entries.filter(([user, entry]) => !isSame(before.get(user), entry));
    if (changed.length === 0) return;
    const rows = changed.map(([user, { userId, isLocal, displayName, avatarUrl }]) => {
      return [user, userId, isLocal ? 1 : 0, displayName ?? null, avatarUrl ?? null];
    });
    await writer.insert('user_directory', columns, rows, replacing);
    const old = changed.flatMap(([user]) => (before.has(user) ? [user] : []));
    if (old.length > 0) await writer.run(sql`DELETE FROM user_directory_words WHERE ${sql.anyOf('user_nid', old)}`);
    const words = changed.flatMap(([user, { userId, displayName }]) =>
      [...new Set([...wordsOf(userId), ...wordsOf(displayName ?? '')])].map((word) => [word, user]),
    );
    await writer.insert('user_directory_words', ['word', 'user_nid'], words);
  }

  async #entriesOf(users: readonly UserNid[], writer: Writer): Promise<Map<UserNid, DirectoryEntry>> {
    const rows = await writer.all<Row>(sql`SELECT * FROM user_directory WHERE ${sql.anyOf('user_nid', users)}`);
    return new Map(rows.map((row) => [row.user_nid as UserNid, entryOf(row)]));
  }

  /** Those among some users who have an entry. */
  async known(users: readonly UserNid[], writer: Writer): Promise<Set<UserNid>> {
    const rows = await writer.all<{ user_nid: number }>(
      sql`SELECT user_nid FROM user_directory WHERE ${sql.anyOf('user_nid', users)}`,
    );
    return new Set(rows.map((row) => row.user_nid as UserNid));
  }

  async remove(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM user_directory WHERE user_nid = ${user}`);
    await writer.run(sql`DELETE FROM user_directory_words WHERE user_nid = ${user}`);
  }

  async setOpen(writer: Writer, room: RoomNid, isOpen: boolean): Promise<void> {
    if (isOpen)
      await writer.run(
        sql`INSERT INTO user_directory_open_rooms (room) VALUES (${room}) ON CONFLICT (room) DO NOTHING`,
      );
    else await writer.run(sql`DELETE FROM user_directory_open_rooms WHERE room = ${room}`);
  }

  async isOpen(room: RoomNid, writer: Writer): Promise<boolean> {
    return (await writer.get(sql`SELECT room FROM user_directory_open_rooms WHERE room = ${room}`)) !== undefined;
  }

  async anyOpen(rooms: readonly RoomNid[]): Promise<boolean> {
    if (rooms.length === 0) return false;
    const row = await this.#database.reader.get(
      sql`SELECT room FROM user_directory_open_rooms WHERE ${sql.anyOf('room', rooms)} LIMIT 1`,
    );
    return row !== undefined;
  }

  /** The entries in which each term begins a word. */
  async find(terms: readonly string[], onlyLocal: boolean): Promise<FoundEntry[]> {
    const conditions = terms.map(
      (term) =>
        sql`user_nid IN (SELECT user_nid FROM user_directory_words WHERE word >= ${term} AND word < ${`${term}\u{10FFFF}`})`,
    );
    if (onlyLocal) conditions.push(sql`is_local = 1`);
    const rows = await this.#database.reader.all<Row>(
      sql`SELECT * FROM user_directory WHERE ${sql.join(conditions, ' AND ')} LIMIT ${mostCandidates}`,
    );
    return rows.map((row) => ({ user: row.user_nid as UserNid, ...entryOf(row) }));
  }
}

function entryOf({ user_id: userId, is_local: isLocal, display_name: name, avatar_url: avatar }: Row): DirectoryEntry {
  return { userId, isLocal: isLocal !== 0, displayName: name ?? undefined, avatarUrl: avatar ?? undefined };
}

function isSame(before: DirectoryEntry | undefined, after: DirectoryEntry): boolean {
  return (
    before !== undefined &&
    before.userId === after.userId &&
    before.isLocal === after.isLocal &&
    before.displayName === after.displayName &&
    before.avatarUrl === after.avatarUrl
  );
}
