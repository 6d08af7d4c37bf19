import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid, RoomNid } from '../names/index.ts';
import type { StoredEvent, TimelinePoint } from '../events/index.ts';

/** An event that is missing, and the depth of one that names it as before itself. */
export interface HistoryGap {
  readonly eventId: string;
  readonly depth: number;
}

/** Where the history that this server has of rooms ends. */
export class HistoryGaps {
  readonly #database: Database;
  /** Rooms that have no gaps. */
  readonly #whole = boundedCache<RoomNid, true>(50_000);
  /** Grows when gaps come, so that what was read before isn't kept after it. */
  #changes = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes that an event names others that aren't here. */
  async add(writer: Writer, child: StoredEvent, missing: readonly string[]): Promise<void> {
    if (missing.length === 0) return;
    writer.onDurable(() => {
      this.#changes++;
      this.#whole.delete(child.room);
    });
    await writer.insert(
      'history_gaps',
      ['room', 'event_id', 'depth', 'child'],
      missing.map((eventId) => [child.room, eventId, child.fields.depth, child.nid]),
      `(room, event_id) DO UPDATE SET depth = CASE WHEN history_gaps.depth < excluded.depth THEN excluded.depth ELSE history_gaps.depth END`,
    );
  }

  /** An event has come; true if others name it already. */
  async fill(writer: Writer, room: RoomNid, eventId: string): Promise<boolean> {
    return (await writer.run(sql`DELETE FROM history_gaps WHERE room = ${room} AND event_id = ${eventId}`)) > 0;
  }

  /** One of the events that name an event which isn't here, if there are any. */
  async childOf(room: RoomNid, eventId: string, reader: Reader = this.#database.reader): Promise<EventNid | undefined> {
    const row = await reader.get<{ child: number }>(
      sql`SELECT child FROM history_gaps WHERE room = ${room} AND event_id = ${eventId}`,
    );
    return row?.child as EventNid | undefined;
  }

  /**
   * The position of the newest event in `(since, upTo]` that follows events which aren't here: what comes before it in the
   * stream isn't what comes before it in the room. Costs nothing for rooms without gaps.
   */
  async newestGap(room: RoomNid, since: number, upTo: number): Promise<number | undefined> {
    if (this.#whole.has(room)) return undefined;
    const changes = this.#changes;
    const row = await this.#database.reader.get<{ gaps: number; newest: number | null }>(
      sql`SELECT COUNT(*) AS gaps, MAX(CASE WHEN e.position > ${since} AND e.position <= ${upTo} THEN e.position END) AS newest
          FROM history_gaps AS g JOIN events AS e ON e.nid = g.child WHERE g.room = ${room}`,
    );
    if (row?.gaps === 0 && changes === this.#changes) this.#whole.set(room, true);
    return row?.newest ?? undefined;
  }

  /**
   * The place in the graph of the last event that came at or before a stream position and follows events which aren't here.
   * Costs nothing for rooms without gaps.
   */
  async lastGap(room: RoomNid, upTo: number): Promise<TimelinePoint | undefined> {
    if (await this.#isWhole(room)) return undefined;
    return this.#database.reader.get<TimelinePoint>(
      sql`SELECT e.depth, e.position FROM history_gaps AS g JOIN events AS e ON e.nid = g.child
          WHERE g.room = ${room} AND e.position IS NOT NULL AND e.position <= ${upTo} ORDER BY e.depth DESC, e.position DESC LIMIT 1`,
    );
  }

  async #isWhole(room: RoomNid): Promise<boolean> {
    if (this.#whole.has(room)) return true;
    const changes = this.#changes;
    const gap = await this.#database.reader.get(sql`SELECT child FROM history_gaps WHERE room = ${room} LIMIT 1`);
    if (!gap && changes === this.#changes) this.#whole.set(room, true);
    return gap === undefined;
  }

  /** This server has entered a room by an event. */
  async noteEntry(writer: Writer, { room, fields: { depth } }: StoredEvent): Promise<void> {
    await writer.insert(
      'room_entries',
      ['room', 'depth'],
      [[room, depth]],
      '(room) DO UPDATE SET depth = excluded.depth',
    );
  }

  /** How deep the event is by which this server entered a room; 0 for a room that was made here. */
  async entryDepth(room: RoomNid): Promise<number> {
    const row = await this.#database.reader.get<{ depth: number }>(
      sql`SELECT depth FROM room_entries WHERE room = ${room}`,
    );
    return row?.depth ?? 0;
  }

  /** The deepest gaps of a room that are named by events at most so deep, the deepest first. */
  async gapsUpTo(room: RoomNid, depth: number, limit: number): Promise<HistoryGap[]> {
    const rows = await this.#database.reader.all<{ event_id: string; depth: number }>(
      sql`SELECT event_id, depth FROM history_gaps WHERE room = ${room} AND depth <= ${depth} ORDER BY depth DESC, event_id LIMIT ${limit}`,
    );
    return rows.map((row) => ({ eventId: row.event_id, depth: row.depth }));
  }
}
