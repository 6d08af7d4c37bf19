import type { Events, StoredEvent, TimelinePoint } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';
import { isBefore, parsePoint, pointToken } from '../timeline/index.ts';
import type { ReadAccess } from '../room-events/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import type { HistoryOfOthers } from './history-of-others.ts';
import type { RoomEventSieve } from './room-event-sieve.ts';

export interface PageQuery {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly backwards: boolean;
  readonly limit: number;
  readonly filter: RoomEventSieve;
  readonly viewer: Viewer;
}

export interface Page {
  readonly start: string;
  /** Undefined: there is nothing more in this direction. */
  readonly end: string | undefined;
  readonly events: readonly StoredEvent[];
}

const mostEvents = 1_000;
/** So many reads are made for one page when what is read isn't to be shown. */
const mostReads = 10;
/** So often other servers are asked for one page. */
const mostFetches = 2;
/** Behind every event. */
const farthest: TimelinePoint = { depth: Number.MAX_SAFE_INTEGER, position: Number.MAX_SAFE_INTEGER };
/** Before every event. */
const nearest: TimelinePoint = { depth: 0, position: Number.MIN_SAFE_INTEGER };

/** Pages through a room's timeline in the order of its graph. Client-Server API §GET /rooms/{roomId}/messages. */
export class Pages {
  readonly #events: Events;
  readonly #visibility: EventVisibility;
  #others: HistoryOfOthers | undefined;

  constructor(events: Events, visibility: EventVisibility) {
    this.#events = events;
    this.#visibility = visibility;
  }

  /** From now on history that isn't here is fetched. */
  useOthers(others: HistoryOfOthers): void {
    this.#others = others;
  }

  async page(access: ReadAccess, query: PageQuery): Promise<Page> {
    const { room } = access;
    const from = await this.#start(access, query);
    const to = query.to === undefined ? undefined : await parsePoint(query.to, room, this.#events);
    const limit = Math.min(query.limit, mostEvents);
    const last = await this.#lastPoint(access);
    const found: StoredEvent[] = [];
    let at = query.backwards && last && isBefore(last, from) ? last : from;
    const seenFrom = query.backwards ? from.seenFrom : undefined;
    let more = true;
    let isThinned = false;
    // Who isn't in the room sees what the server has.
    const others = query.backwards && access.member?.membership === 'join' ? this.#others : undefined;
    let fetches = others ? mostFetches : 0;
    for (let reads = 0; reads < mostReads && more && found.length < limit; reads++) {
      const wanted = Math.max(limit - found.length, reads === 0 ? 1 : 20);
      let read = await this.#read(room, at, wanted, query.backwards);
      while (others && fetches > 0 && (await others.fetchBefore(room, at, deepest(read, wanted)))) {
        fetches--;
        read = await this.#read(room, at, wanted, true);
      }
      more = read.length === wanted;
      const within = read.filter((event) => isWithin(event, query.backwards, to, last));
      if (within.length < read.length) more = false;
      const unseen = seenFrom === undefined ? within : within.filter((event) => (event.position ?? 0) < seenFrom);
      const passing = await query.filter.sift(unseen);
      isThinned ||= passing.length < unseen.length;
      const visible = await this.#visibility.filter(passing, query.viewer);
      const space = limit - found.length;
      const taken = visible.slice(0, space);
      found.push(...taken);
      // The page ends at the last event taken if not all could be, else at the last one read.
      const end = visible.length > taken.length ? taken.at(-1) : within.at(-1);
      if (visible.length > taken.length) more = true;
      if (end) at = query.backwards ? before(end) : pointOf(end);
    }
    // As Synapse does, and what is tested of it: where a filter left events out, only an empty page is the last.
    if (isThinned && found.length > 0) more = true;
    // What couldn't be had now may be had later; an empty page ends it, or clients would ask on and on.
    if (!more && others && found.length > 0 && !to) more = await others.isMissingBefore(room, at);
    return {
      start: query.from || pointToken(from),
      end: more ? pointToken({ ...at, seenFrom }) : undefined,
      events: found,
    };
  }

  #read(room: RoomNid, at: TimelinePoint, limit: number, backwards: boolean): Promise<StoredEvent[]> {
    return backwards ? this.#events.timeline.upTo(room, at, limit) : this.#events.timeline.after(room, at, limit);
  }

  async #start(access: ReadAccess, query: PageQuery): Promise<TimelinePoint> {
    if (query.from !== undefined && query.from !== '') return parsePoint(query.from, access.room, this.#events);
    return query.backwards ? ((await this.#lastPoint(access)) ?? (await this.#newest(access)) ?? farthest) : nearest;
  }

  async #newest(access: ReadAccess): Promise<TimelinePoint | undefined> {
    const [newest] = await this.#events.timeline.upTo(access.room, farthest, 1);
    return newest && pointOf(newest);
  }

  /** For those who have left: the place of their leaving. */
  async #lastPoint(access: ReadAccess): Promise<TimelinePoint | undefined> {
    return access.until === undefined ? undefined : this.#events.timeline.pointAt(access.room, access.until);
  }
}

/** How deep a page reaches; one that isn't full reaches to the end. */
export function deepest(read: readonly StoredEvent[], wanted: number): number {
  return read.length < wanted ? -1 : (read.at(-1)?.fields.depth ?? -1);
}

export function pointOf(event: StoredEvent): TimelinePoint {
  return { depth: event.fields.depth, position: event.position ?? 0 };
}

/** The place just before an event. */
export function before(event: StoredEvent): TimelinePoint {
  return { depth: event.fields.depth, position: (event.position ?? 0) - 1 };
}

function isWithin(
  event: StoredEvent,
  backwards: boolean,
  to: TimelinePoint | undefined,
  last: TimelinePoint | undefined,
): boolean {
  const point = pointOf(event);
  if (backwards) return to === undefined || isBefore(to, point);
  if (last && isBefore(last, point)) return false;
  return to === undefined || !isBefore(to, point);
}
