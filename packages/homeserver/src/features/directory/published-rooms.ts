import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { RoomNid } from '../names/index.ts';

/** Which rooms are in the public list. */
export class PublishedRooms {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async set(writer: Writer, room: RoomNid, isPublished: boolean): Promise<void> {
    if (isPublished)
      await writer.run(sql`INSERT INTO published_rooms (room) VALUES (${room}) ON CONFLICT (room) DO NOTHING`);
    else await writer.run(sql`DELETE FROM published_rooms WHERE room = ${room}`);
  }

  async has(room: RoomNid, reader: Reader = this.#database.reader): Promise<boolean> {
    return (await reader.get(sql`SELECT room FROM published_rooms WHERE room = ${room}`)) !== undefined;
  }

  async all(): Promise<RoomNid[]> {
    const rows = await this.#database.reader.all<{ room: number }>(sql`SELECT room FROM published_rooms`);
    return rows.map((row) => row.room as RoomNid);
  }
}
