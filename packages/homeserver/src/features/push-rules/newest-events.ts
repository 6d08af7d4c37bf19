import { sql, type Database } from '@myelin/database';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';

/** Events read of a room at a time. */
const pageSize = 32;

/** What is left to give of a room: a page, newest last. */
interface Source {
  readonly room: RoomNid;
  page: StoredEvent[];
  /** Position of the newest event that is left. */
  newest: number;
}

/** Gives the events of many rooms together, newest first, reading no more of each than is asked for. */
export class NewestEvents {
  readonly #events: Events;
  readonly #sources: Source[];

  private constructor(events: Events, sources: Source[]) {
    this.#events = events;
    this.#sources = sources;
  }

  /** Events with `position < before`. */
  static async open(
    database: Database,
    events: Events,
    rooms: readonly RoomNid[],
    before: number,
  ): Promise<NewestEvents> {
    const rows = await database.reader.all<{ room: number; newest: number | null }>(
      sql`SELECT nid AS room, (SELECT MAX(position) FROM events WHERE events.room = rooms.nid AND position < ${before}) AS newest
          FROM rooms WHERE ${sql.anyOf('nid', rooms)}`,
    );
    const sources: Source[] = [];
    for (const { room, newest } of rows) if (newest !== null) sources.push({ room: room as RoomNid, page: [], newest });
    // A heap in an array: the room with the newest event is first.
    sources.sort((a, b) => b.newest - a.newest);
    return new NewestEvents(events, sources);
  }

  async next(): Promise<StoredEvent | undefined> {
    const sources = this.#sources;
    for (;;) {
      const first = sources[0];
      if (!first) return undefined;
      if (first.page.length === 0)
        first.page = (
          await this.#events.timeline.newestByPosition(first.room, -1, first.newest, pageSize)
        ).toReversed();
      const position = first.page.at(-1)?.position;
      if (position === undefined) this.#dropFirst();
      else if (position < first.newest) {
        // Another room may come before it.
        first.newest = position;
        this.#sink();
      } else {
        const event = first.page.pop() as StoredEvent;
        first.newest = first.page.at(-1)?.position ?? position - 1;
        this.#sink();
        return event;
      }
    }
  }

  #dropFirst(): void {
    const last = this.#sources.pop();
    if (last && this.#sources.length > 0) {
      this.#sources[0] = last;
      this.#sink();
    }
  }

  /** Moves the first down to its place. */
  #sink(): void {
    const sources = this.#sources;
    for (let at = 0; ;) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if ((sources[child]?.newest ?? -1) > (sources[largest] as Source).newest) largest = child;
      }
      if (largest === at) return;
      [sources[at], sources[largest]] = [sources[largest] as Source, sources[at] as Source];
      at = largest;
    }
  }
}
