import { sql, type Database, type Writer } from '@myelin/database';
import type { RoomNid, UserNid } from '../names/index.ts';

/** Which rooms are for the notices of the server, and for whom. */
export class NoticeRooms {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(user: UserNid): Promise<RoomNid | undefined> {
    const row = await this.#database.reader.get<{ room: number }>(
      sql`SELECT room FROM server_notice_rooms WHERE user_nid = ${user}`,
    );
    return row?.room as RoomNid | undefined;
  }

  async isOne(room: RoomNid): Promise<boolean> {
    const row = await this.#database.reader.get(sql`SELECT room FROM server_notice_rooms WHERE room = ${room} LIMIT 1`);
    return row !== undefined;
  }

  async set(writer: Writer, user: UserNid, room: RoomNid): Promise<void> {
    await writer.run(sql`INSERT INTO server_notice_rooms (user_nid, room) VALUES (${user}, ${room})
      ON CONFLICT (user_nid) DO UPDATE SET room = excluded.room`);
  }
}
