import { sql, type Database, type Reader, type Sql, type Writer } from '@myelin/database';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid, Names, RoomNid, StateKeyNid, UserNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import { contentSpan } from './content-span.ts';
import { decodeEventId, encodeEventId } from './event-id-code.ts';
import { StoredEvent, type StoredEventFields } from './stored-event.ts';

interface EventRow {
  nid: number;
  room: number;
  type: number;
  state_key: number | null;
  sender: number;
  depth: number;
  origin_server_ts: number;
  position: number | null;
  state_before: number;
  state_after: number;
  status: number;
  redacted_by: number | null;
  event_id: Uint8Array;
  content_start: number;
  content_end: number;
  json: string;
  redacted_json: string | null;
}

const columns = [
  'nid',
  'room',
  'type',
  'state_key',
  'sender',
  'depth',
  'origin_server_ts',
  'position',
  'state_before',
  'state_after',
  'status',
  'redacted_by',
  'event_id',
  'content_start',
  'content_end',
  'json',
] as const;

/** A place in a room's timeline. `position` decides between events of the same depth. */
export interface TimelinePoint {
  readonly depth: number;
  readonly position: number;
}

export type NewStoredEvent = Omit<
  StoredEventFields,
  'nid' | 'contentStart' | 'contentEnd' | 'redactedBy' | 'unredactedJson'
>;

/** About what a cached event takes besides its text, in bytes; texts count twice, for the parsed form. */
const eventOverhead = 600;

/** The events that the server keeps, and a cache of those used last. */
export class Events {
  readonly #database: Database;
  readonly #names: Names;
  readonly #counter: Counter;
  readonly #byNid: LRUCache<number, StoredEvent>;
  readonly #nidById = boundedCache<string, EventNid>(100_000);
  /** Grows with each redaction, so that what was read before it isn't cached after it. */
  #redactions = 0;

  private constructor(database: Database, names: Names, counter: Counter, cacheBytes: number) {
    this.#database = database;
    this.#names = names;
    this.#counter = counter;
    this.#byNid = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: ({ fields }) => eventOverhead + (fields.json.length + (fields.unredactedJson?.length ?? 0)) * 2,
    });
  }

  static async open(database: Database, counters: Counters, names: Names, cacheBytes: number): Promise<Events> {
    return new Events(database, names, await counters.open('events'), cacheBytes);
  }

  /** The number that the next event will have: numbers are taken before the state that an event is part of is built. */
  takeNid(): EventNid {
    return this.#counter.take() as EventNid;
  }

  /** Stores an event under a number of `takeNid`. */
  async insert(writer: Writer, nid: EventNid, event: NewStoredEvent): Promise<StoredEvent> {
    const [contentStart, contentEnd] = contentSpan(event.json);
    const stored = new StoredEvent({
      ...event,
      nid,
      contentStart,
      contentEnd,
      redactedBy: undefined,
      unredactedJson: undefined,
    });
    const type = await this.#names.type(writer, event.type);
    await writer.insert('events', columns, [
      [
        nid,
        event.room,
        type,
        event.stateKeyNid ?? null,
        event.senderNid,
        event.depth,
        event.originServerTs,
        event.position ?? null,
        event.stateBefore,
        event.stateAfter,
        event.status,
        null,
        encodeEventId(event.eventId),
        contentStart,
        contentEnd,
        event.json,
      ],
    ]);
    // Numbers aren't used twice, so an event that is rolled back may stay in the cache: nothing leads to it.
    this.#byNid.set(nid, stored);
    writer.onDurable(() => this.#nidById.set(event.eventId, nid));
    return stored;
  }

  async get(nid: EventNid, reader: Reader = this.#database.reader): Promise<StoredEvent> {
    const event = this.#byNid.get(nid) ?? (await this.getMany([nid], reader)).get(nid);
    if (!event) throw new Error(`No event has the number ${nid}`);
    return event;
  }

  /** The event if it is in memory. */
  cached(nid: EventNid): StoredEvent | undefined {
    return this.#byNid.get(nid);
  }

  /** Events by their numbers; those that don't exist are missing from the result. */
  async getMany(nids: Iterable<EventNid>, reader: Reader = this.#database.reader): Promise<Map<EventNid, StoredEvent>> {
    const found = new Map<EventNid, StoredEvent>();
    const missing: EventNid[] = [];
    for (const nid of nids) {
      const event = this.#byNid.get(nid);
      if (event) found.set(nid, event);
      else missing.push(nid);
    }
    if (missing.length > 0) {
      for (const event of await this.#select(reader, sql`SELECT * FROM events WHERE ${sql.anyOf('nid', missing)}`))
        found.set(event.nid, event);
    }
    return found;
  }

  async findNid(eventId: string, reader: Reader = this.#database.reader): Promise<EventNid | undefined> {
    const cached = this.#nidById.get(eventId);
    if (cached !== undefined) return cached;
    const row = await reader.get<{ nid: number }>(
      sql`SELECT nid FROM events WHERE event_id = ${encodeEventId(eventId)}`,
    );
    if (row && reader === this.#database.reader) this.#nidById.set(eventId, row.nid as EventNid);
    return row?.nid as EventNid | undefined;
  }

  async find(eventId: string, reader: Reader = this.#database.reader): Promise<StoredEvent | undefined> {
    const nid = await this.findNid(eventId, reader);
    return nid === undefined ? undefined : this.get(nid, reader);
  }

  /** A room's event by its id: undefined as well if the event is of another room. */
  async findInRoom(
    room: RoomNid,
    eventId: string,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent | undefined> {
    const event = await this.find(eventId, reader);
    return event?.room === room ? event : undefined;
  }

  /** The newest events of a room in `(after, upTo]`, newest first. */
  newestByPosition(
    room: RoomNid,
    after: number,
    upTo: number,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    return this.#select(
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
    return this.#select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position > ${after} AND position <= ${upTo} ORDER BY position LIMIT ${limit}`,
    );
  }

  /** Events of a room up to a point of its timeline (an event exactly there included), newest first. */
  upTo(
    room: RoomNid,
    point: TimelinePoint,
    limit: number,
    reader: Reader = this.#database.reader,
  ): Promise<StoredEvent[]> {
    return this.#select(
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
    return this.#select(
      reader,
      sql`SELECT * FROM events WHERE room = ${room} AND position IS NOT NULL AND (depth, position) > (${point.depth}, ${point.position})
          ORDER BY depth, position LIMIT ${limit}`,
    );
  }

  /** The place in the graph of the newest event of a room at or before a stream position. */
  async pointAt(
    room: RoomNid,
    position: number,
    reader: Reader = this.#database.reader,
  ): Promise<(TimelinePoint & { stateAfter: StateRoot }) | undefined> {
    const row = await reader.get<{ depth: number; position: number; state_after: number }>(
      sql`SELECT depth, position, state_after FROM events WHERE room = ${room} AND position <= ${position} ORDER BY position DESC LIMIT 1`,
    );
    return row && { depth: row.depth, position: row.position, stateAfter: row.state_after as StateRoot };
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
    return this.#select(reader, query);
  }

  /**
   * Marks an event as redacted by another; `redactedJson` is what remains of it. From now on everybody reads that: only
   * `unredactedPdu` still knows the rest.
   */
  async markRedacted(writer: Writer, event: EventNid, by: EventNid, redactedJson: string): Promise<void> {
    await writer.run(sql`UPDATE events SET redacted_by = ${by}, redacted_json = ${redactedJson} WHERE nid = ${event}`);
    this.#byNid.delete(event);
    writer.onDurable(() => {
      this.#redactions++;
      this.#byNid.delete(event);
    });
    writer.onRollback(() => this.#byNid.delete(event));
  }

  async #select(reader: Reader, query: Sql): Promise<StoredEvent[]> {
    const before = this.#redactions;
    const rows = await reader.all<EventRow>(query);
    if (rows.length === 0) return [];
    const events: StoredEvent[] = [];
    for (const row of rows) {
      let event = this.#byNid.get(row.nid);
      if (!event) {
        event = await this.#fromRow(row, reader);
        if (before === this.#redactions) this.#byNid.set(row.nid, event);
      }
      events.push(event);
    }
    return events;
  }

  async #fromRow(row: EventRow, reader: Reader): Promise<StoredEvent> {
    const names = this.#names;
    const room = row.room as RoomNid;
    const sender = row.sender as UserNid;
    const stateKey = row.state_key === null ? undefined : (row.state_key as StateKeyNid);
    return new StoredEvent({
      nid: row.nid as EventNid,
      eventId: decodeEventId(row.event_id),
      room,
      roomId: names.cachedRoomId(room) ?? (await names.roomId(room, reader)),
      type: names.cachedTypeName(row.type as never) ?? (await names.typeName(row.type as never, reader)),
      senderNid: sender,
      sender: names.cachedUserId(sender) ?? (await names.userId(sender, reader)),
      stateKeyNid: stateKey,
      stateKey: stateKey === undefined ? undefined : (await names.stateKeyPair(stateKey, reader)).stateKey,
      depth: row.depth,
      originServerTs: row.origin_server_ts,
      position: row.position ?? undefined,
      stateBefore: row.state_before as StateRoot,
      stateAfter: row.state_after as StateRoot,
      status: row.status,
      redactedBy: row.redacted_by === null ? undefined : (row.redacted_by as EventNid),
      ...textOf(row),
    });
  }
}

function textOf(row: EventRow): Pick<StoredEventFields, 'json' | 'unredactedJson' | 'contentStart' | 'contentEnd'> {
  if (row.redacted_json === null) {
    return { json: row.json, unredactedJson: undefined, contentStart: row.content_start, contentEnd: row.content_end };
  }
  const [contentStart, contentEnd] = contentSpan(row.redacted_json);
  return { json: row.redacted_json, unredactedJson: row.json, contentStart, contentEnd };
}
