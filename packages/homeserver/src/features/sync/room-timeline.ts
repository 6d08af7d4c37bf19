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
}

/** So often the next older events are read when the filter drops most of what was read. */
const mostReads = 5;

/** Reads the newest part of a span of a room's timeline. */
export class RoomTimelines {
  readonly #events: Events;
  readonly #visibility: EventVisibility;

  readonly #gaps: HistoryGaps;

  constructor(events: Events, visibility: EventVisibility, gaps: HistoryGaps) {
    this.#gaps = gaps;
    this.#events = events;
    this.#visibility = visibility;
  }

  /** The newest events with `since < position <= upTo`, as many as the filter's limit. */
  async newest(room: RoomNid, since: number, upTo: number, filter: EventFilter, viewer: Viewer): Promise<TimelineSpan> {
    const limit = Math.max(filter.limit, 0);
    const gap = await this.#gaps.newestGap(room, since, upTo);
    // What is before a gap isn't what the client would see by going back from here.
    const from = gap === undefined ? since : gap - 1;
    let kept: StoredEvent[] = [];
    let first: StoredEvent | undefined;
    let last: StoredEvent | undefined;
    let end = upTo;
    let exhausted = false;
    for (let reads = 0; reads < mostReads && !exhausted && kept.length <= limit; reads++) {
      const wanted = limit + 1;
      const page = await this.#events.timeline.newestByPosition(room, from, end, wanted);
      exhausted = page.length < wanted;
      const oldest = page.at(-1);
      if (!oldest) break;
      last ??= page[0];
      first = oldest;
      end = (oldest.position as number) - 1;
      const passing = page.filter((event) =>
        filter.allows({ type: event.type, sender: event.sender, roomId: event.roomId, content: () => event.content }),
      );
      kept = [...(await this.#visibility.filter(passing.toReversed(), viewer)), ...kept];
    }
    if (kept.length > limit) {
      const events = limit === 0 ? [] : kept.slice(-limit);
      return { events, limited: true, first: events[0] ?? undefined, last };
    }
    // What was dropped by the filter isn't missing; what wasn't read is.
    return { events: kept, limited: !exhausted || gap !== undefined, first, last };
  }
}
