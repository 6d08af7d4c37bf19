import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid, Names, RoomNid, StateKeyNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import { EventCache } from './event-cache.ts';
import { decodeEventId, encodeEventId } from './event-id-code.ts';
import { asStored, eventColumns, rowOf, type NewStoredEvent } from './event-rows.ts';
import { eventStatus, type StoredEvent, type StoredEventFields } from './stored-event.ts';
import { EventTimeline } from './event-timeline.ts';

/** Keys of so many events are read at once. */
const keysAtOnce = 1_000;

/** The events that the server keeps, and a cache of those used last. */
export class Events {
  /** The same events in the order of their rooms. */
  readonly timeline: EventTimeline;
  readonly #database: Database;
  readonly #names: Names;
  readonly #counter: Counter;
  readonly #cache: EventCache;
  readonly #nidById = boundedCache<string, EventNid>(100_000);
  private constructor(database: Database, names: Names, counter: Counter, cacheBytes: number) {
    this.#database = database;
    this.#names = names;
    this.#counter = counter;
    this.#cache = new EventCache(names, cacheBytes);
    this.timeline = new EventTimeline(database, this.#cache);
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
    return (await this.insertMany(writer, [asStored(nid, event)]))[0] as StoredEvent;
  }

  /** Stores events that `asStored` has put together, each under a number of `takeNid`. */
  async insertMany(writer: Writer, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const rows = [];
    for (const { fields } of events) rows.push(rowOf(fields, await this.#names.type(writer, fields.type)));
    await writer.insert('events', eventColumns, rows);
    // Numbers aren't used twice, so an event that is rolled back may stay in the cache: nothing leads to it.
    for (const event of events) this.#cache.add(event);
    writer.onDurable(() => {
      for (const event of events) this.#nidById.set(event.eventId, event.nid);
    });
    return events;
  }

  /** Gives an event that was known by itself (an outlier) its place: position, states, status. */
  async place(
    writer: Writer,
    event: StoredEvent,
    place: Pick<StoredEventFields, 'position' | 'stateBefore' | 'stateAfter' | 'status'>,
  ): Promise<StoredEvent> {
    await writer.run(
      sql`UPDATE events SET position = ${place.position ?? null}, state_before = ${place.stateBefore},
          state_after = ${place.stateAfter}, status = ${place.status} WHERE nid = ${event.nid}`,
    );
    this.#cache.changed(writer, event.nid);
    return event.with(place);
  }

  /** Notes why an event was refused, and by which events of the current state if it was that. */
  async noteRefusal(
    writer: Writer,
    event: EventNid,
    [code, reason]: readonly [code: string, reason: string],
    refusers: readonly EventNid[] = [],
  ): Promise<void> {
    await writer.insert('event_refusals', ['event', 'code', 'reason'], [[event, code, reason]], '(event) DO NOTHING');
    const rows = refusers.map((refuser) => [event, refuser]);
    await writer.insert('event_refusers', ['event', 'refuser'], rows, '(event, refuser) DO NOTHING');
  }

  /** Why an event was refused: the code of the rule, a sentence, and the state events that were against it, as far as that is kept. */
  async refusal(
    event: EventNid,
    reader: Reader = this.#database.reader,
  ): Promise<{ code: string; says: string; refusers: readonly EventNid[] } | undefined> {
    const refusal = await reader.get<{ code: string; says: string }>(
      sql`SELECT code, reason AS says FROM event_refusals WHERE event = ${event}`,
    );
    if (!refusal) return undefined;
    const rows = await reader.all<{ refuser: EventNid }>(
      sql`SELECT refuser FROM event_refusers WHERE event = ${event} ORDER BY refuser`,
    );
    return { ...refusal, refusers: rows.map(({ refuser }) => refuser) };
  }

  async dropRefusal(writer: Writer, event: EventNid): Promise<void> {
    await writer.run(sql`DELETE FROM event_refusals WHERE event = ${event}`);
    await writer.run(sql`DELETE FROM event_refusers WHERE event = ${event}`);
  }

  async get(nid: EventNid, reader: Reader = this.#database.reader): Promise<StoredEvent> {
    const event = this.#cache.get(nid) ?? (await this.getMany([nid], reader)).get(nid);
    if (!event) throw new Error(`No event has the number ${nid}`);
    return event;
  }

  /** `listener` is told of each stored event that was changed, when that is durable. */
  onChange(listener: (event: EventNid) => void): void {
    this.#cache.onChange(listener);
  }

  /** Another connection has changed an event. */
  forget(event: EventNid): void {
    this.#cache.forget(event);
  }

  /** The event if it is in memory. */
  cached(nid: EventNid): StoredEvent | undefined {
    return this.#cache.get(nid);
  }

  /** Events by their numbers; those that don't exist are missing from the result. */
  async getMany(nids: Iterable<EventNid>, reader: Reader = this.#database.reader): Promise<Map<EventNid, StoredEvent>> {
    const found = new Map<EventNid, StoredEvent>();
    const missing: EventNid[] = [];
    for (const nid of nids) {
      const event = this.#cache.get(nid);
      if (event) found.set(nid, event);
      else missing.push(nid);
    }
    if (missing.length > 0) {
      for (const event of await this.#cache.select(
        reader,
        sql`SELECT * FROM events WHERE ${sql.anyOf('nid', missing)}`,
      ))
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

  /** The numbers of those among many events that are known. */
  async findNids(eventIds: Iterable<string>, reader: Reader = this.#database.reader): Promise<Map<string, EventNid>> {
    const found = new Map<string, EventNid>();
    const missing = new Map<string, Uint8Array>();
    for (const eventId of new Set(eventIds)) {
      const nid = this.#nidById.get(eventId);
      if (nid === undefined) missing.set(eventId, encodeEventId(eventId));
      else found.set(eventId, nid);
    }
    if (missing.size === 0) return found;
    for (const some of slices([...missing.values()])) {
      const rows = await reader.all<{ nid: number; event_id: Uint8Array }>(sql(byEventIds(some.length), ...some));
      for (const row of rows) {
        const eventId = decodeEventId(row.event_id);
        found.set(eventId, row.nid as EventNid);
        if (reader === this.#database.reader) this.#nidById.set(eventId, row.nid as EventNid);
      }
    }
    return found;
  }

  /** Those among many events that are known, by id. */
  async findMany(
    eventIds: Iterable<string>,
    reader: Reader = this.#database.reader,
  ): Promise<Map<string, StoredEvent>> {
    const nids = await this.findNids(eventIds, reader);
    const events = await this.getMany(nids.values(), reader);
    const found = new Map<string, StoredEvent>();
    for (const [eventId, nid] of nids) found.set(eventId, events.get(nid) as StoredEvent);
    return found;
  }

  /**
   * What state some events make, by their keys: without reading the events themselves, of which a large room has many.
   * Those that were rejected, are of other rooms or aren't here are left out.
   */
  async stateOf(
    room: RoomNid,
    eventIds: readonly string[],
    reader: Reader = this.#database.reader,
  ): Promise<Map<StateKeyNid, EventNid>> {
    const nids = [...(await this.findNids(eventIds, reader)).values()];
    const state = new Map<StateKeyNid, EventNid>();
    for (let at = 0; at < nids.length; at += keysAtOnce) {
      const rows = await reader.all<{ nid: number; state_key: number }>(
        sql`SELECT nid, state_key FROM events WHERE ${sql.anyOf('nid', nids.slice(at, at + keysAtOnce))}
            AND room = ${room} AND state_key IS NOT NULL AND (status & ${eventStatus.rejected}) = 0 ORDER BY nid`,
      );
      for (const row of rows) state.set(row.state_key as StateKeyNid, row.nid as EventNid);
    }
    return state;
  }

  /** Whether any of some events is at least as deep as `depth`. */
  async anyAsDeep(nids: Iterable<EventNid>, depth: number): Promise<boolean> {
    const all = [...nids];
    for (let at = 0; at < all.length; at += keysAtOnce) {
      const row = await this.#database.reader.get(
        sql`SELECT 1 AS one FROM events WHERE ${sql.anyOf('nid', all.slice(at, at + keysAtOnce))} AND depth >= ${depth} LIMIT 1`,
      );
      if (row) return true;
    }
    return false;
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

  /**
   * Marks an event as redacted by another; `redactedJson` is what remains of it. From now on everybody reads that: only
   * `unredactedPdu` still knows the rest.
   */
  async markRedacted(writer: Writer, event: EventNid, by: EventNid, redactedJson: string): Promise<void> {
    await writer.run(sql`UPDATE events SET redacted_by = ${by}, redacted_json = ${redactedJson} WHERE nid = ${event}`);
    this.#cache.changed(writer, event);
  }

  /** What redacted an event doesn't count any more. */
  async markUnredacted(writer: Writer, event: EventNid): Promise<void> {
    await writer.run(sql`UPDATE events SET redacted_by = NULL, redacted_json = NULL WHERE nid = ${event}`);
    this.#cache.changed(writer, event);
  }
}

const sliceSizes = [1, 4, 16, 64, 256];
const byEventIdsOf = new Map<number, TemplateStringsArray>();

/** A template for so many ids, the same each time: its statement is put together once. */
function byEventIds(count: number): TemplateStringsArray {
  let template = byEventIdsOf.get(count);
  if (!template) {
    const strings: string[] = Array.from({ length: count + 1 }, (_, i) => (i === 0 || i === count ? '' : ', '));
    strings[0] = 'SELECT nid, event_id FROM events WHERE event_id IN (';
    strings[count] = ')';
    template = Object.assign(strings, { raw: strings });
    byEventIdsOf.set(count, template);
  }
  return template;
}

/** A list in pieces of few different lengths, the last filled up with its last item: each length is a statement of its own. */
function slices<T>(items: readonly T[]): T[][] {
  const largest = sliceSizes.at(-1) as number;
  const out: T[][] = [];
  for (let at = 0; at < items.length; at += largest) {
    const slice = items.slice(at, at + largest);
    const size = sliceSizes.find((each) => each >= slice.length) as number;
    while (slice.length < size) slice.push(slice.at(-1) as T);
    out.push(slice);
  }
  return out;
}
