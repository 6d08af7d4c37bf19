import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { RoomNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { EventCache } from './event-cache.ts';
import type { StoredEvent } from './stored-event.ts';

/** A place in a room's timeline. `position` decides between events of the same depth. */
export interface TimelinePoint {
  readonly depth: number;
  readonly position: number;
  /** In tokens: who goes back from here has seen what came from this position on, wherever it stands in the graph. */
  readonly seenFrom?: number | undefined;
}

/** The events of rooms in their order, and the rooms' current states along it. */
export class EventTimeline {
  readonly #database: Database;
  readonly #cache: EventCache;

  constructor(database: Database, cache: EventCache) {
    this.#database = database;
    this.#cache = cache;
  }

  /** The newest events of a room in `(after, upTo]`, newest first. */
  newestByPosition(
    room: RoomNid,
    after: number,
    upTo: number,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    return this.#cache.select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position > ${after} AND position <= ${upTo} ORDER BY position DESC LIMIT ${limit}`,
    );
  }

  /** The oldest events of a room in `(after, upTo]`, oldest first. */
  oldestByPosition(
    room: RoomNid,
    after: number,
    upTo: number,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    return this.#cache.select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position > ${after} AND position <= ${upTo} ORDER BY position LIMIT ${limit}`,
    );
  }

  /**
   * The last events of a room in the order of its graph, the last first, of those that came at or before a stream position;
   * before a point only, and none before `from`.
   */
  latestInGraph(
    room: RoomNid,
    upTo: number,
    { from, before }: { readonly from?: TimelinePoint | undefined; readonly before?: TimelinePoint | undefined },
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    const after = from ? sql`AND (depth, position) >= (${from.depth}, ${from.position})` : sql``;
    const until = before ? sql`AND (depth, position) < (${before.depth}, ${before.position})` : sql``;
    // The plus sign keeps SQLite from going through the index by position, and sorting the whole room.
    return this.#cache.select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position IS NOT NULL AND +position <= ${upTo} ${after} ${until}
          ORDER BY depth DESC, position DESC LIMIT ${limit}`,
    );
  }

  /** Events of a room up to a point of its timeline (an event exactly there included), newest first. */
  upTo(
    room: RoomNid,
    point: TimelinePoint,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    return this.#cache.select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position IS NOT NULL AND (depth, position) <= (${point.depth}, ${point.position})
          ORDER BY depth DESC, position DESC LIMIT ${limit}`,
    );
  }

  /** Events of a room after a point of its timeline, oldest first. */
  after(
    room: RoomNid,
    point: TimelinePoint,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    return this.#cache.select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position IS NOT NULL AND (depth, position) > (${point.depth}, ${point.position})
          ORDER BY depth, position LIMIT ${limit}`,
    );
  }

  /**
   * The last place in the graph of an event of a room that came before a stream position, if it is behind `point`. Where
   * the history of the room has forked, what came earlier can be deeper.
   */
  async deepestBefore(
    room: RoomNid,
    position: number,
    point: TimelinePoint,
    reader: Reader = this.#database.reader,
  ): Promise<TimelinePoint | undefined> {
    return reader.get<{ depth: number; position: number }>(
      sql`SELECT depth, position FROM events WHERE room = ${room} AND position IS NOT NULL AND position < ${position}
          AND (depth, position) > (${point.depth}, ${point.position}) ORDER BY depth DESC, position DESC LIMIT 1`,
    );
  }

  /**
   * The place in the graph of the newest event of a room at or before a stream position, and the state that was the
   * room's current one there. Undefined before the room's first event (fetched history doesn't count).
   */
  async pointAt(
    room: RoomNid,
    position: number,
    reader: Reader = this.#database.reader,
  ): Promise<(TimelinePoint & { state: StateRoot }) | undefined> {
    const row = await reader.get<{ depth: number; position: number; state_after: number; state: number | null }>(
      sql`SELECT depth, position, state_after, (SELECT state FROM current_states AS c WHERE c.room = ${room}
            AND c.position >= e.position AND c.position <= ${position} ORDER BY c.position DESC LIMIT 1) AS state
          FROM events AS e WHERE room = ${room} AND position <= ${position} AND position > 0 ORDER BY position DESC LIMIT 1`,
    );
    return row && { depth: row.depth, position: row.position, state: (row.state ?? row.state_after) as StateRoot };
  }

  /** Notes that from a position on the room's current state isn't the state after its newest event. */
  async noteCurrentState(writer: Writer, room: RoomNid, position: number, state: StateRoot): Promise<void> {
    await writer.insert(
      'current_states',
      ['room', 'position', 'state'],
      [[room, position, state]],
      '(room, position) DO UPDATE SET state = excluded.state',
    );
  }

  /** Takes back what `noteCurrentState` has noted from a position on: those states were found out anew. */
  async dropCurrentStates(writer: Writer, room: RoomNid, from: number): Promise<void> {
    await writer.run(sql`DELETE FROM current_states WHERE room = ${room} AND position >= ${from}`);
  }

  /** The events of a room closest in time to `ts` in a direction, the closest first; ties go by the graph. */
  closestInTime(
    room: RoomNid,
    ts: number,
    forward: boolean,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    const query = forward
      ? sql`SELECT * FROM events WHERE room = ${room} AND position IS NOT NULL AND status = 0 AND origin_server_ts >= ${ts} ORDER BY origin_server_ts, depth, position LIMIT ${limit}`
      : sql`SELECT * FROM events WHERE room = ${room} AND position IS NOT NULL AND status = 0 AND origin_server_ts <= ${ts} ORDER BY origin_server_ts DESC, depth DESC, position DESC LIMIT ${limit}`;
    return this.#cache.select(reader, query);
  }
}
