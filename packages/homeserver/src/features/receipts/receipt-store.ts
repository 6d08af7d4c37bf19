import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { Receipt, ReceiptTarget, ReceiptType } from './receipt.ts';

interface ReceiptRow {
  room: number;
  user_nid: number;
  private: number;
  thread: string;
  event_id: string;
  ts: number;
}

/** The rows of receipts. */
export class ReceiptStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Where the receipt of a user, type and thread stands. */
  async target(
    reader: Reader,
    room: RoomNid,
    user: UserNid,
    type: ReceiptType,
    thread: string | undefined,
  ): Promise<ReceiptTarget | undefined> {
    return reader.get<{ depth: number; position: number }>(
      sql`SELECT event_depth AS depth, event_position AS position FROM receipts
          WHERE room = ${room} AND user_nid = ${user} AND private = ${flagOf(type)} AND thread = ${thread ?? ''}`,
    );
  }

  /** `position`: the stream's. */
  async put(writer: Writer, receipt: Receipt, target: ReceiptTarget, position: number): Promise<void> {
    const { room, user, type, thread, eventId, ts } = receipt;
    await writer.run(sql`INSERT INTO receipts (room, user_nid, private, thread, event_id, event_depth, event_position, ts, position)
      VALUES (${room}, ${user}, ${flagOf(type)}, ${thread ?? ''}, ${eventId}, ${target.depth}, ${target.position}, ${ts}, ${position})
      ON CONFLICT (room, user_nid, private, thread) DO UPDATE SET event_id = excluded.event_id, event_depth = excluded.event_depth,
        event_position = excluded.event_position, ts = excluded.ts, position = excluded.position`);
  }

  /** What changed in a span in rooms that `user` may see. */
  async changed(user: UserNid, rooms: readonly RoomNid[], since: number, upTo: number): Promise<Receipt[]> {
    const rows = await this.#database.reader.all<ReceiptRow>(
      sql`SELECT room, user_nid, private, thread, event_id, ts FROM receipts
          WHERE ${sql.anyOf('room', rooms)} AND position > ${since} AND position <= ${upTo} AND (private = 0 OR user_nid = ${user})`,
    );
    return rows.map(fromRow);
  }

  /** How far a user has read in a room: stream positions of events, by thread ('': unthreaded). */
  async positions(
    user: UserNid,
    room: RoomNid,
  ): Promise<{ thread: string; eventPosition: number; position: number }[]> {
    const rows = await this.#database.reader.all<{ thread: string; event_position: number; position: number }>(
      sql`SELECT thread, event_position, position FROM receipts WHERE room = ${room} AND user_nid = ${user}`,
    );
    return rows.map((row) => ({ thread: row.thread, eventPosition: row.event_position, position: row.position }));
  }
}

function flagOf(type: ReceiptType): number {
  return type === 'm.read.private' ? 1 : 0;
}

function fromRow(row: ReceiptRow): Receipt {
  return {
    room: row.room as RoomNid,
    user: row.user_nid as UserNid,
    type: row.private ? 'm.read.private' : 'm.read',
    thread: row.thread === '' ? undefined : row.thread,
    eventId: row.event_id,
    ts: row.ts,
  };
}
