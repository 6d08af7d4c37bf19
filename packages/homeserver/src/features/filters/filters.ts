import { MatrixError } from '@myelin/api';
import { sql, type Database } from '@myelin/database';
import {
  compileFilter,
  compileRoomEventFilter,
  faultOfFilter,
  faultOfRoomEventFilter,
  isJsonObject,
  type EventFilter,
  type Filter,
  type JsonObject,
} from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { UserNid } from '../names/index.ts';

/** Most filters that a user can store. */
const mostFilters = 1_000;
const longestFilter = 65_536;
/** Greatest page of /messages and the like. */
const largestPage = 1_000;

/** The filters that users store, and the compiled forms of those in use. Client-Server API §"Filtering". */
export class Filters {
  readonly #database: Database;
  readonly #timelineLimit: number;
  readonly #compiled = boundedCache<string, Filter>(2_000);
  readonly #stored = boundedCache<string, Filter>(5_000);

  /** `timelineLimit`: `filter_timeline_limit`. */
  constructor(database: Database, timelineLimit: number | undefined) {
    this.#database = database;
    this.#timelineLimit = timelineLimit ?? Number.MAX_SAFE_INTEGER;
  }

  /** Stores a filter; the same one again keeps its id. Throws M_BAD_JSON for one that isn't a filter. */
  async add(user: UserNid, filter: JsonObject): Promise<string> {
    const text = JSON.stringify(filter);
    this.#check(filter, text);
    const id = await this.#database.transact(async (writer) => {
      // Numbers follow each other: one filter of a user at a time.
      await writer.lock(`filters:${user}`);
      const same = await writer.get<{ filter_id: number }>(
        sql`SELECT filter_id FROM user_filters WHERE user_nid = ${user} AND filter = ${text}`,
      );
      if (same) return same.filter_id;
      const row = await writer.get<{ next: number }>(
        sql`SELECT COALESCE(MAX(filter_id) + 1, 0) AS next FROM user_filters WHERE user_nid = ${user}`,
      );
      const next = row?.next ?? 0;
      if (next >= mostFilters) throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'Too many filters are stored');
      await writer.run(sql`INSERT INTO user_filters (user_nid, filter_id, filter) VALUES (${user}, ${next}, ${text})`);
      return next;
    });
    return String(id);
  }

  /** Throws M_NOT_FOUND. */
  async get(user: UserNid, filterId: string): Promise<JsonObject> {
    const row = /^(0|[1-9]\d{0,8})$/.test(filterId)
      ? await this.#database.reader.get<{ filter: string }>(
          sql`SELECT filter FROM user_filters WHERE user_nid = ${user} AND filter_id = ${Number(filterId)}`,
        )
      : undefined;
    if (!row) throw new MatrixError('M_NOT_FOUND', 'No such filter');
    return JSON.parse(row.filter) as JsonObject;
  }

  /** What /sync got as `filter`: the id of a stored one, JSON, or nothing. */
  async forSync(user: UserNid, given: string | undefined): Promise<Filter> {
    if (given === undefined || given === '') return this.#compile('{}');
    if (given.startsWith('{')) return this.#compile(given);
    const key = `${user} ${given}`;
    const cached = this.#stored.get(key);
    if (cached) return cached;
    let stored: JsonObject;
    try {
      stored = await this.get(user, given);
    } catch (error) {
      if (error instanceof MatrixError) throw new MatrixError('M_INVALID_PARAM', 'No such filter');
      throw error;
    }
    const filter = compileFilter(stored, this.#timelineLimit);
    this.#stored.set(key, filter);
    return filter;
  }

  /** A RoomEventFilter given as JSON in a query (`/messages`, `/context`). */
  forRoomEvents(given: string | undefined): EventFilter {
    if (given === undefined || given === '') return compileRoomEventFilter(undefined, largestPage);
    const parsed = parseFilter(given);
    const fault = faultOfRoomEventFilter(parsed);
    if (fault !== undefined) throw new MatrixError('M_BAD_JSON', `The filter is not valid: ${fault}`);
    return compileRoomEventFilter(parsed, largestPage);
  }

  #compile(text: string): Filter {
    const cached = this.#compiled.get(text);
    if (cached) return cached;
    const parsed = parseFilter(text);
    this.#check(parsed, text);
    const filter = compileFilter(parsed, this.#timelineLimit);
    this.#compiled.set(text, filter);
    return filter;
  }

  #check(filter: JsonObject, text: string): void {
    if (text.length > longestFilter) throw new MatrixError('M_TOO_LARGE', 'The filter is too large');
    const fault = faultOfFilter(filter);
    if (fault !== undefined) throw new MatrixError('M_BAD_JSON', `The filter is not valid: ${fault}`);
  }
}

function parseFilter(text: string): JsonObject {
  if (text.length > longestFilter) throw new MatrixError('M_TOO_LARGE', 'The filter is too large');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MatrixError('M_NOT_JSON', 'The filter is not JSON');
  }
  if (!isJsonObject(value)) throw new MatrixError('M_BAD_JSON', 'The filter is not an object');
  return value;
}
