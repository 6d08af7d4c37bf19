import { sql, type Database, type Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';

export interface ThreadRow {
  readonly root: string;
  readonly rootSender: UserNid | undefined;
  /** Position of the newest reply. */
  readonly latest: number;
  readonly replies: number;
}

/** Who asks about a thread. */
export interface ThreadReader {
  readonly user: UserNid;
  readonly ignored: ReadonlySet<UserNid>;
  /** For users who have left the room: replies after this position aren't theirs. */
  readonly until: number | undefined;
}

/** Which threads rooms have. Client-Server API §"Threading". */
export class ThreadStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async addReply(writer: Writer, reply: StoredEvent, root: string, rootSender: UserNid | undefined): Promise<void> {
    await writer.run(sql`INSERT INTO threads (room, root, root_sender, latest, replies) VALUES (${reply.room}, ${root}, ${rootSender ?? null}, ${reply.position ?? 0}, 1)
      ON CONFLICT (room, root) DO UPDATE SET replies = threads.replies + 1,
        latest = CASE WHEN excluded.latest > threads.latest THEN excluded.latest ELSE threads.latest END`);
  }

  /** After the relation of a redacted reply was marked. */
  async removeReply(writer: Writer, room: RoomNid, root: string): Promise<void> {
    const newest = await writer.get<{ latest: number | null }>(
      sql`SELECT MAX(position) AS latest FROM relations WHERE parent = ${root} AND rel_type = 'm.thread' AND room = ${room} AND redacted = 0`,
    );
    if (newest?.latest == null) await writer.run(sql`DELETE FROM threads WHERE room = ${room} AND root = ${root}`);
    else
      await writer.run(
        sql`UPDATE threads SET latest = ${newest.latest}, replies = replies - 1 WHERE room = ${room} AND root = ${root}`,
      );
  }

  /** Threads of a room by their newest reply, newest first; `before`: only those whose newest reply is older. */
  async page(
    room: RoomNid,
    participant: UserNid | undefined,
    before: number | undefined,
    limit: number,
  ): Promise<ThreadRow[]> {
    const took =
      participant === undefined
        ? sql``
        : sql`AND (root_sender = ${participant} OR EXISTS (SELECT 1 FROM relations WHERE relations.parent = threads.root
            AND relations.rel_type = 'm.thread' AND relations.sender = ${participant} AND relations.room = threads.room AND relations.redacted = 0))`;
    const rows = await this.#database.reader.all<{
      root: string;
      root_sender: number | null;
      latest: number;
      replies: number;
    }>(
      sql`SELECT root, root_sender, latest, replies FROM threads
          WHERE room = ${room} AND latest < ${before ?? Number.MAX_SAFE_INTEGER} ${took} ORDER BY latest DESC LIMIT ${limit}`,
    );
    return rows.map(fromRow);
  }

  /** How many replies the reader may know of. */
  async count(room: RoomNid, root: string, reader: ThreadReader): Promise<number> {
    const ofThread = sql`parent = ${root} AND rel_type = 'm.thread' AND room = ${room} AND redacted = 0`;
    if (reader.until !== undefined) {
      const without = reader.ignored.size === 0 ? sql`` : sql`AND NOT ${sql.anyOf('sender', [...reader.ignored])}`;
      const row = await this.#database.reader.get<{ replies: number }>(
        sql`SELECT COUNT(*) AS replies FROM relations WHERE ${ofThread} AND position <= ${reader.until} ${without}`,
      );
      return row?.replies ?? 0;
    }
    const thread = await this.#database.reader.get<{ replies: number }>(
      sql`SELECT replies FROM threads WHERE room = ${room} AND root = ${root}`,
    );
    if (!thread || reader.ignored.size === 0) return thread?.replies ?? 0;
    const ignored = await this.#database.reader.get<{ replies: number }>(
      sql`SELECT COUNT(*) AS replies FROM relations WHERE ${ofThread} AND ${sql.anyOf('sender', [...reader.ignored])}`,
    );
    return thread.replies - (ignored?.replies ?? 0);
  }

  /** The newest replies that the reader may know of, newest first. */
  async newest(room: RoomNid, root: string, reader: ThreadReader, limit: number): Promise<EventNid[]> {
    const without = reader.ignored.size === 0 ? sql`` : sql`AND NOT ${sql.anyOf('sender', [...reader.ignored])}`;
    const rows = await this.#database.reader.all<{ child: number }>(
      sql`SELECT child FROM relations WHERE parent = ${root} AND rel_type = 'm.thread' AND room = ${room} AND redacted = 0
          AND position <= ${reader.until ?? Number.MAX_SAFE_INTEGER} ${without} ORDER BY depth DESC, position DESC LIMIT ${limit}`,
    );
    return rows.map((row) => row.child as EventNid);
  }

  /** Whether the user replied in the thread. */
  async tookPart(room: RoomNid, root: string, user: UserNid): Promise<boolean> {
    const row = await this.#database.reader.get(
      sql`SELECT child FROM relations WHERE parent = ${root} AND rel_type = 'm.thread' AND sender = ${user} AND room = ${room} AND redacted = 0 LIMIT 1`,
    );
    return row !== undefined;
  }
}

function fromRow(row: { root: string; root_sender: number | null; latest: number; replies: number }): ThreadRow {
  return {
    root: row.root,
    rootSender: row.root_sender === null ? undefined : (row.root_sender as UserNid),
    latest: row.latest,
    replies: row.replies,
  };
}
