import type { EventFilter } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { HistoryGaps } from '../timeline/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';

export interface TimelineSpan {
  /** What passes the filter and may be seen, oldest first. */
  readonly events: readonly StoredEvent[];
  /** There is more in the span, before the first event. */
  readonly limited: boolean;
  /** The first event of the span that was looked at: the gap ends before it. Undefined if the span is empty. */
  readonly first: StoredEvent | undefined;
  readonly last: StoredEvent | undefined;
  /** The events are the last ones by the graph, not by when they came. */
  readonly inGraphOrder: boolean;
}

/** So often the next older events are read when the filter drops most of what was read. */
const mostReads = 5;

/** Reads the newest part of a room's timeline. */
export class RoomTimelines {
  readonly #events: Events;
  readonly #visibility: EventVisibility;

  readonly #gaps: HistoryGaps;

  constructor(events: Events, visibility: EventVisibility, gaps: HistoryGaps) {
    this.#gaps = gaps;
    this.#events = events;
    this.#visibility = visibility;
  }

  /** What a client is shown that has the room up to `since`; 0: it doesn't have it yet. */
  shown(room: RoomNid, since: number, upTo: number, filter: EventFilter, viewer: Viewer): Promise<TimelineSpan> {
    return since === 0 ? this.#latest(room, upTo, filter, viewer) : this.#newest(room, since, upTo, filter, viewer);
  }

  /** The newest events with `since < position <= upTo`, as many as the filter's limit, in the order in which they came. */
  async #newest(
    room: RoomNid,
    since: number,
    upTo: number,
    filter: EventFilter,
    viewer: Viewer,
  ): Promise<TimelineSpan> {
    const gap = await this.#gaps.newestGap(room, since, upTo);
    // What is before a gap isn't what the client would see by going back from here.
    const from = gap === undefined ? since : gap - 1;
    const { timeline } = this.#events;
    const read = (before: StoredEvent | undefined, limit: number): Promise<StoredEvent[]> =>
      timeline.newestByPosition(room, from, before ? (before.position as number) - 1 : upTo, limit);
    return this.#collect(read, { inGraphOrder: false, hasGap: gap !== undefined }, filter, viewer);
  }

  /**
   * What a client is shown of a room that it doesn't have yet: the last events in the order of the graph, of those with
   * `position <= upTo`, as many as the filter's limit. Going back from there goes on in the same order.
   */
  async #latest(room: RoomNid, upTo: number, filter: EventFilter, viewer: Viewer): Promise<TimelineSpan> {
    const gap = await this.#gaps.lastGap(room, upTo);
    const { timeline } = this.#events;
    const read = (event: StoredEvent | undefined, limit: number): Promise<StoredEvent[]> => {
      const before = event && { depth: event.fields.depth, position: event.position as number };
      return timeline.latestInGraph(room, upTo, { from: gap, before }, limit);
    };
    return this.#collect(read, { inGraphOrder: true, hasGap: gap !== undefined }, filter, viewer);
  }

  /** `read` gives events before another one, the last first. */
  async #collect(
    read: (before: StoredEvent | undefined, limit: number) => Promise<StoredEvent[]>,
    { inGraphOrder, hasGap }: { readonly inGraphOrder: boolean; readonly hasGap: boolean },
    filter: EventFilter,
    viewer: Viewer,
  ): Promise<TimelineSpan> {
    const limit = Math.max(filter.limit, 0);
    let kept: StoredEvent[] = [];
    let first: StoredEvent | undefined;
    let last: StoredEvent | undefined;
    let exhausted = false;
    for (let reads = 0; reads < mostReads && !exhausted && kept.length <= limit; reads++) {
      const wanted = limit + 1;
      const page = await read(first, wanted);
      exhausted = page.length < wanted;
      const oldest = page.at(-1);
      if (!oldest) break;
      last ??= page[0];
      first = oldest;
      const passing = page.filter((event) =>
        filter.allows({ type: event.type, sender: event.sender, roomId: event.roomId, content: () => event.content }),
      );
      kept = [...(await this.#visibility.filter(passing.toReversed(), viewer)), ...kept];
    }
    if (kept.length > limit) {
      const events = limit === 0 ? [] : kept.slice(-limit);
      return { events, limited: true, first: events[0], last, inGraphOrder };
    }
    // What was dropped by the filter isn't missing; what wasn't read is.
    return { events: kept, limited: !exhausted || hasGap, first, last, inGraphOrder };
  }
}
