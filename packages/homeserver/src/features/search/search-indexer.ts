import type { Database, Writer } from '@myelin/database';
import { redactsOf } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import type { EventFeed, Events, StoredEvent } from '../events/index.ts';
import type { EventNid, Names, TypeNid } from '../names/index.ts';
import type { RoomHeads } from '../timeline/index.ts';
import { followedTypes, isFollowed, searchableOf } from './searchable.ts';
import type { IndexEntry, NotedAgain, SearchStore } from './search-store.ts';

export interface IndexerParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly names: Names;
  readonly events: Events;
  readonly heads: RoomHeads;
  readonly feed: EventFeed;
  readonly store: SearchStore;
  readonly onFailure: (error: unknown) => void;
}

/** How often new events are taken into the index if nobody searches, in milliseconds. */
const pauseMs = 60_000;
const batch = 500;
/** Events may become visible in another order than that of their numbers; so many numbers are looked at again. */
const margin = 2_000;
/** How long a search waits for what is new, in milliseconds. */
const patienceMs = 3_000;

/**
 * Keeps the index of the search: behind the events, in batches, so that sending waits for nothing. A search first brings
 * it up to now.
 */
export class SearchIndexer {
  readonly #parts: IndexerParts;
  /** Of those within the margin: what has been looked at. */
  #seen = new Set<EventNid>();
  /** Whether something may have been looked at that has changed since. */
  #hasAgain = true;
  #progress: number | undefined;
  #running: Promise<void> | undefined;
  #timer: Cancellable | undefined;
  #stopped = false;

  constructor(parts: IndexerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.timers.every(pauseMs, () => void this.#run());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Whether these events are to be found is another question now. In the transaction that changed them. */
  async reconsider(writer: Writer, events: readonly StoredEvent[]): Promise<void> {
    const { store } = this.#parts;
    const nids = (some: readonly StoredEvent[]): EventNid[] => some.map(({ nid }) => nid);
    await store.remove(writer, nids(events));
    // A run that is under way may have read them as they were.
    const followed = nids(events.filter(({ type }) => isFollowed(type)));
    await store.noteAgain(writer, followed);
    if (followed.length > 0) writer.onDurable(() => (this.#hasAgain = true));
  }

  /** Resolves when all that was stored before is in the index, or the patience is over. */
  async catchUp(): Promise<void> {
    const { timers } = this.#parts;
    // A run that is under way may have passed the place already.
    const all = (this.#running ?? Promise.resolve()).then(() => this.#run());
    await Promise.race([all, timers.sleep(patienceMs)]);
  }

  #run(): Promise<void> {
    this.#running ??= this.#all()
      .catch((error: unknown) => this.#parts.onFailure(error))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #all(): Promise<void> {
    const { names, feed, store } = this.#parts;
    this.#progress ??= await store.progress();
    const types = new Set<TypeNid | undefined>();
    for (const type of followedTypes) types.add(await names.findType(type));
    if (this.#hasAgain) await this.#lookAgain(this.#progress);
    let from = Math.max(0, this.#progress - margin);
    for (;;) {
      if (this.#stopped) return;
      const rows = await feed.after(from, batch);
      const last = rows.at(-1);
      if (!last) return;
      const fresh = rows.filter(({ nid, type }) => !this.#seen.has(nid) && types.has(type)).map(({ nid }) => nid);
      const progress = Math.max(this.#progress, last.nid);
      if (fresh.length > 0) await this.#index(fresh, progress);
      this.#progress = progress;
      for (const { nid } of rows) this.#seen.add(nid);
      from = last.nid;
      this.#forgetSeen(progress);
    }
  }

  /** Where that fails, what is new isn't kept waiting, and the next run tries again. */
  async #lookAgain(progress: number): Promise<void> {
    // What changes from now on sets it anew.
    this.#hasAgain = false;
    try {
      for (;;) {
        const noted = await this.#parts.store.again(batch);
        if (noted.length === 0 || this.#stopped) return;
        await this.#index(
          noted.map(({ event }) => event),
          progress,
          noted,
        );
      }
    } catch (error) {
      this.#hasAgain = true;
      this.#parts.onFailure(error);
    }
  }

  #forgetSeen(progress: number): void {
    if (this.#seen.size < margin * 2) return;
    this.#seen = new Set([...this.#seen].filter((nid) => nid > progress - margin));
  }

  async #index(nids: readonly EventNid[], progress: number, noted: readonly NotedAgain[] = []): Promise<void> {
    const { database, events, store } = this.#parts;
    const stored = await events.getMany(nids);
    const entries: IndexEntry[] = [];
    const gone: EventNid[] = [];
    for (const event of stored.values()) {
      const searchable = searchableOf(event);
      if (searchable)
        entries.push({
          ...searchable,
          event: event.nid,
          room: event.room,
          originServerTs: event.fields.originServerTs,
        });
      else if (event.type === 'm.room.redaction') gone.push(...(await this.#redactedBy(event)));
      if (!event.isShown) gone.push(event.nid);
    }
    await database.transact(async (writer) => {
      await store.add(writer, entries);
      await store.remove(writer, gone);
      await store.setProgress(writer, progress);
      await store.endAgain(writer, noted);
    });
  }

  async #redactedBy(event: StoredEvent): Promise<EventNid[]> {
    const { events, heads } = this.#parts;
    const head = await heads.find(event.room);
    const id = head && redactsOf(event.pdu, head.version);
    const target = id === undefined ? undefined : await events.findInRoom(event.room, id);
    return target?.fields.redactedBy === undefined ? [] : [target.nid];
  }
}
