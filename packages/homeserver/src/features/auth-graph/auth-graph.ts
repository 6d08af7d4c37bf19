import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { authEventIds, type RoomVersion } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';

/** A state event that names another among its auth events. */
export interface Citation {
  readonly event: EventNid;
  readonly stateKey: StateKeyNid;
}

/** So many citations are read at a time. */
export const citationPage = 200;
/** Cached citations, in all: of a room of 20,000 members in dispute there are about as many. */
const mostCitations = 200_000;

/**
 * The graph of auth events, by numbers. An event is stored after its auth events always, so an event's number is larger
 * than those of its whole auth chain: there are no circles, and walks go down by number. In room version 12 the create
 * event, which the room id stands for, isn't among the auth events here either.
 */
export class AuthGraph {
  readonly #database: Database;
  readonly #events: Events;
  readonly #authEvents = boundedCache<EventNid, readonly EventNid[]>(200_000);
  /** The first page of citations of an event. */
  readonly #citations = new LRUCache<EventNid, readonly Citation[]>({
    maxSize: mostCitations,
    sizeCalculation: (page) => page.length + 1,
  });
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  constructor(database: Database, events: Events) {
    this.#database = database;
    this.#events = events;
  }

  /** Notes the auth events of a state event that is stored in this transaction and wasn't rejected. */
  async add(writer: Writer, event: EventNid, authEvents: readonly EventNid[]): Promise<void> {
    await this.addMany(writer, [[event, authEvents]]);
  }

  async addMany(writer: Writer, events: readonly (readonly [EventNid, readonly EventNid[]])[]): Promise<void> {
    const rows: [EventNid, EventNid][] = [];
    for (const [event, authEvents] of events) for (const auth of new Set(authEvents)) rows.push([auth, event]);
    if (rows.length === 0) return;
    const cited = new Set(rows.map(([auth]) => auth));
    await writer.insert('auth_citations', ['auth', 'event'], rows, '(auth, event) DO NOTHING');
    writer.onDurable(() => {
      this.#changes++;
      for (const auth of cited) {
        // A whole page stays what it is: what is stored later has larger numbers.
        if ((this.#citations.peek(auth)?.length ?? 0) < citationPage) this.#citations.delete(auth);
      }
    });
  }

  /** What an event names as its auth events, if that is in memory. */
  cachedAuthEventsOf(nid: EventNid): readonly EventNid[] | undefined {
    return this.#authEvents.get(nid);
  }

  /** What these events name as their auth events, as far as it is known. */
  async authEventsOf(
    nids: readonly EventNid[],
    version: RoomVersion,
    reader: Reader = this.#database.reader,
  ): Promise<Map<EventNid, readonly EventNid[]>> {
    const found = new Map<EventNid, readonly EventNid[]>();
    const missing: EventNid[] = [];
    for (const nid of nids) {
      const cached = this.#authEvents.get(nid);
      if (cached) found.set(nid, cached);
      else missing.push(nid);
    }
    if (missing.length === 0) return found;
    const named = new Map<EventNid, readonly string[]>();
    for (const [nid, event] of await this.#events.getMany(missing, reader)) named.set(nid, idsOf(event, version));
    const known = await this.#events.findNids([...named.values()].flat(), reader);
    for (const [nid, ids] of named) {
      const authEvents = ids.flatMap((id) => known.get(id) ?? []).filter((auth) => auth < nid);
      found.set(nid, authEvents);
      this.#authEvents.set(nid, authEvents);
    }
    return found;
  }

  /** The state events that name `auth`, those stored first before the others, from behind `after`: at most `citationPage`. */
  async citations(auth: EventNid, after: number, reader = this.#database.reader): Promise<readonly Citation[]> {
    // A transaction sees more than the others.
    const isShared = after === 0 && reader === this.#database.reader;
    const cached = isShared ? this.#citations.get(auth) : undefined;
    if (cached) return cached;
    const before = this.#changes;
    const rows = await reader.all<{ event: number; state_key: number }>(
      sql`SELECT c.event, e.state_key FROM auth_citations AS c JOIN events AS e ON e.nid = c.event
          WHERE c.auth = ${auth} AND c.event > ${after} AND e.state_key IS NOT NULL ORDER BY c.event LIMIT ${citationPage}`,
    );
    const page = rows.map((row) => ({ event: row.event as EventNid, stateKey: row.state_key as StateKeyNid }));
    if (isShared && before === this.#changes) this.#citations.set(auth, page);
    return page;
  }
}

function idsOf(event: StoredEvent, version: RoomVersion): readonly string[] {
  return authEventIds(event.unredactedPdu, version);
}
