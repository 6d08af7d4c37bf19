import { sql, type Database, type Sql, type Writer } from '@myelin/database';
import type { EventNid, RoomNid } from '../names/index.ts';
import { ftsExpression, webSearch, type SearchQuery } from './search-query.ts';
import type { Searchable } from './searchable.ts';

export interface IndexEntry extends Searchable {
  readonly event: EventNid;
  readonly room: RoomNid;
  readonly originServerTs: number;
}

export interface Found {
  readonly event: EventNid;
  /** The higher the better. */
  readonly rank: number;
  readonly originServerTs: number;
}

/** An event that is to be looked at again, and how often that was noted. */
export interface NotedAgain {
  readonly event: EventNid;
  readonly times: number;
}

/** A place in results from new to old. */
export interface Place {
  readonly originServerTs: number;
  readonly event: number;
}

export interface Lookup {
  readonly query: SearchQuery;
  readonly rooms: readonly RoomNid[];
  readonly parts: readonly number[];
}

/** More matches than this aren't counted. */
const mostCounted = 10_000;
/** With more rooms than this they are sorted out afterwards. */
const mostRoomWords = 300;

/** The tables of the search: FTS5 of SQLite, or words of PostgreSQL. */
export class SearchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async progress(): Promise<number> {
    const row = await this.#database.reader.get<{ event: number }>(sql`SELECT event FROM search_progress WHERE id = 1`);
    return row?.event ?? 0;
  }

  async setProgress(writer: Writer, event: number): Promise<void> {
    await writer.run(sql`UPDATE search_progress SET event = ${event} WHERE id = 1`);
  }

  /** Notes events that are to be looked at again, however far the index is. */
  async noteAgain(writer: Writer, events: readonly EventNid[]): Promise<void> {
    await writer.insert(
      'search_again',
      ['event', 'times'],
      [...new Set(events)].map((event) => [event, 1]),
      '(event) DO UPDATE SET times = search_again.times + 1',
    );
  }

  /** Some of those that were noted. */
  again(limit: number): Promise<NotedAgain[]> {
    return this.#database.reader.all<NotedAgain>(
      sql`SELECT event, times FROM search_again ORDER BY event LIMIT ${limit}`,
    );
  }

  /** They have been looked at: those stay that were noted once more meanwhile. */
  async endAgain(writer: Writer, noted: readonly NotedAgain[]): Promise<void> {
    for (const { event, times } of noted)
      await writer.run(sql`DELETE FROM search_again WHERE event = ${event} AND times = ${times}`);
  }

  /** Adds what isn't there. */
  async add(writer: Writer, entries: readonly IndexEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = await writer.all<{ event: number }>(
      sql`SELECT event FROM search_events WHERE ${sql.anyOf(
        'event',
        entries.map(({ event }) => event),
      )}`,
    );
    const known = new Set(rows.map(({ event }) => event));
    const fresh = entries.filter((entry) => !known.has(entry.event));
    if (this.#database.dialect === 'postgres') {
      for (const { event, room, part, originServerTs, text } of fresh)
        await writer.run(sql`INSERT INTO search_events (event, room, part, origin_server_ts, words)
          VALUES (${event}, ${room}, ${part}, ${originServerTs}, to_tsvector('english', ${text}))`);
      return;
    }
    for (const { event, room, text } of fresh)
      await writer.run(sql`INSERT INTO search_words (rowid, room, text) VALUES (${event}, ${roomWord(room)}, ${text})`);
    await writer.insert(
      'search_events',
      ['event', 'room', 'part', 'origin_server_ts'],
      fresh.map(({ event, room, part, originServerTs }) => [event, room, part, originServerTs]),
    );
  }

  async remove(writer: Writer, events: readonly EventNid[]): Promise<void> {
    for (const event of events) {
      await writer.run(sql`DELETE FROM search_events WHERE event = ${event}`);
      if (this.#database.dialect === 'sqlite') await writer.run(sql`DELETE FROM search_words WHERE rowid = ${event}`);
    }
  }

  /** How many events match, up to a bound. */
  async count(lookup: Lookup): Promise<number> {
    const row = await this.#database.reader.get<{ found: number }>(
      sql`SELECT COUNT(*) AS found FROM (SELECT 1 ${matching(lookup)} LIMIT ${mostCounted}) AS matches`,
    );
    return Number(row?.found ?? 0);
  }

  /** The best matches first. */
  byRank(lookup: Lookup, limit: number): Promise<Found[]> {
    return this.#find(lookup, sql`ORDER BY found_rank DESC, event DESC LIMIT ${limit}`);
  }

  /** The newest matches first, those before a place. */
  byTime(lookup: Lookup, before: Place | undefined, limit: number): Promise<Found[]> {
    const older =
      before === undefined
        ? sql.raw('')
        : sql`AND (origin_server_ts < ${before.originServerTs} OR (origin_server_ts = ${before.originServerTs} AND event < ${before.event}))`;
    return this.#find(lookup, sql`${older} ORDER BY origin_server_ts DESC, event DESC LIMIT ${limit}`);
  }

  async #find(lookup: Lookup, rest: Sql): Promise<Found[]> {
    const rank = sql.byDialect({
      sqlite: sql`-bm25(search_words)`,
      postgres: sql`ts_rank_cd(words, websearch_to_tsquery('english', ${webSearch(lookup.query)}))`,
    });
    const rows = await this.#database.reader.all<{ event: number; found_rank: number; origin_server_ts: number }>(
      sql`SELECT event, ${rank} AS found_rank, origin_server_ts ${matching(lookup)} ${rest}`,
    );
    return rows.map((row) => ({
      event: row.event as EventNid,
      rank: Number(row.found_rank),
      originServerTs: Number(row.origin_server_ts),
    }));
  }
}

function matching({ query, rooms, parts }: Lookup): Sql {
  const allowed = sql`${sql.anyOf(sql.raw('search_events.room'), rooms)} AND ${sql.anyOf('part', parts)}`;
  const within = rooms.length > mostRoomWords ? '' : `room : (${rooms.map(roomWord).join(' OR ')}) AND `;
  return sql.byDialect({
    sqlite: sql`FROM search_words JOIN search_events ON search_events.event = search_words.rowid
      WHERE search_words MATCH ${`${within}text : (${ftsExpression(query)})`} AND ${allowed}`,
    postgres: sql`FROM search_events WHERE words @@ websearch_to_tsquery('english', ${webSearch(query)}) AND ${allowed}`,
  });
}

function roomWord(room: RoomNid): string {
  return `r${room}`;
}
