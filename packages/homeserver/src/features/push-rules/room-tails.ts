import { boundedCache } from '../../caches/index.ts';
import type { EventNid, RoomNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';

/** Rooms whose newest events are remembered. */
const mostRooms = 10_000;
/** Events remembered of a room, at least. */
const tailLength = 128;

/** The newest events of a room, oldest first; events up to `from` may be missing. */
interface Tail {
  from: number;
  positions: number[];
  events: EventNid[];
}

/**
 * The numbers of the newest events of rooms that are read, so that the many readers of a room needn't each ask the
 * database what is new.
 */
export class RoomTails {
  readonly #streams: Streams;
  readonly #tails = boundedCache<RoomNid, Tail>(mostRooms);

  constructor(streams: Streams) {
    this.#streams = streams;
    streams.subscribe((change, position) => {
      if (change.kind === 'event') this.#add(change.room, change.event, position);
    });
  }

  /** The events with `after < position <= upTo`, oldest first; undefined where memory doesn't reach that far back. */
  between(room: RoomNid, after: number, upTo: number): readonly EventNid[] | undefined {
    const tail = this.#tails.get(room);
    if (!tail) {
      this.#tails.set(room, { from: this.#streams.current(), positions: [], events: [] });
      return undefined;
    }
    const { positions, events } = tail;
    if (after < tail.from) return undefined;
    let start = positions.length;
    while (start > 0 && (positions[start - 1] as number) > after) start--;
    let end = positions.length;
    while (end > start && (positions[end - 1] as number) > upTo) end--;
    return start === end ? nothing : events.slice(start, end);
  }

  /** Some of the room's events don't count any more. */
  forget(room: RoomNid): void {
    this.#tails.delete(room);
  }

  #add(room: RoomNid, event: EventNid, position: number): void {
    // Only a reader's question makes a room one that is read.
    const tail = this.#tails.peek(room);
    if (!tail) return;
    tail.positions.push(position);
    tail.events.push(event);
    if (tail.events.length < 2 * tailLength) return;
    tail.from = tail.positions[tailLength - 1] as number;
    tail.positions = tail.positions.slice(tailLength);
    tail.events = tail.events.slice(tailLength);
  }
}

const nothing: readonly EventNid[] = [];
