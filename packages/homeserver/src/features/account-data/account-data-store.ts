import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { RoomNid, UserNid } from '../names/index.ts';

/** Stands for "no room" in the table. */
const global = 0;

export interface AccountDataRow {
  readonly room: RoomNid | undefined;
  readonly type: string;
  /** JSON text. */
  readonly content: string;
}

/** The rows of account data. */
export class AccountDataStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The content as JSON text. */
  async get(
    user: UserNid,
    room: RoomNid | undefined,
    type: string,
    reader: Reader = this.#database.reader,
  ): Promise<string | undefined> {
    const row = await reader.get<{ content: string }>(
      sql`SELECT content FROM account_data WHERE user_nid = ${user} AND room = ${room ?? global} AND type = ${type} AND deleted = 0`,
    );
    return row?.content;
  }

  async put(
    writer: Writer,
    user: UserNid,
    row: AccountDataRow & { readonly deleted: boolean; readonly position: number },
  ): Promise<void> {
    await writer.run(sql`INSERT INTO account_data (user_nid, room, type, content, deleted, position)
      VALUES (${user}, ${row.room ?? global}, ${row.type}, ${row.content}, ${row.deleted ? 1 : 0}, ${row.position})
      ON CONFLICT (user_nid, room, type) DO UPDATE SET content = excluded.content, deleted = excluded.deleted, position = excluded.position`);
  }

  async removeOfUser(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM account_data WHERE user_nid = ${user}`);
  }

  /** How many rows a user has, deleted ones included. */
  async count(user: UserNid, reader: Reader): Promise<number> {
    const row = await reader.get<{ rows: number }>(
      sql`SELECT COUNT(*) AS rows FROM account_data WHERE user_nid = ${user}`,
    );
    return row?.rows ?? 0;
  }

  /** What changed in a span, by time of change; with `since` 0 without what was deleted. */
  async changedGlobal(user: UserNid, since: number, upTo: number): Promise<AccountDataRow[]> {
    const rows = await this.#database.reader.all<{ type: string; content: string }>(
      sql`SELECT type, content FROM account_data
          WHERE user_nid = ${user} AND room = ${global} AND position > ${since} AND position <= ${upTo} AND (deleted = 0 OR ${sql.integer(since)} > 0)
          ORDER BY position`,
    );
    return rows.map(({ type, content }) => ({ room: undefined, type, content }));
  }

  /** Like `changedGlobal`, of all rooms. */
  async changedInRooms(user: UserNid, since: number, upTo: number): Promise<AccountDataRow[]> {
    const rows = await this.#database.reader.all<{ room: number; type: string; content: string }>(
      sql`SELECT room, type, content FROM account_data
          WHERE user_nid = ${user} AND room <> ${global} AND position > ${since} AND position <= ${upTo} AND (deleted = 0 OR ${sql.integer(since)} > 0)
          ORDER BY position`,
    );
    return rows.map(({ room, type, content }) => ({ room: room as RoomNid, type, content }));
  }
}
