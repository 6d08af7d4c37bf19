import { prevEventIds, type RoomVersion } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomHead } from '../timeline/index.ts';
import type { Reach } from './served-rooms.ts';

/** Most ids of a request that are looked at. */
const mostStarts = 50;

/** A request for events between others, by their ids. */
export interface EventsBetween {
  readonly earliest: readonly string[];
  readonly latest: readonly string[];
  readonly minimumDepth?: number | undefined;
}

/**
 * Walks of the graph of a room's events, back from newer ones. Refused events are told too where others follow them: who lacks them
 * could know the state at their followers only by somebody's word.
 */
export class RoomGraph {
  readonly #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  /** Events and those before them, the newest first. Server-Server API §GET /backfill. */
  async back(head: RoomHead, reach: Reach, starts: readonly string[], limit: number): Promise<StoredEvent[]> {
    const seen = new Set<string>();
    const found: StoredEvent[] = [];
    let waiting = await this.#load(head, reach, starts.slice(0, mostStarts), seen);
    while (waiting.length > 0 && found.length < limit) {
      waiting.sort(byPlace);
      const event = waiting.pop() as StoredEvent;
      found.push(event);
      waiting = [...waiting, ...(await this.#load(head, reach, prevEventIds(event.pdu, head.version), seen))];
    }
    return found;
  }

  /**
   * Events between `earliest` and `latest` (neither of them included), the oldest first; if they are too many, those next
   * to `latest`. Server-Server API §POST /get_missing_events.
   */
  async between(head: RoomHead, reach: Reach, query: EventsBetween, limit: number): Promise<StoredEvent[]> {
    const { earliest, latest, minimumDepth = 0 } = query;
    const seen = new Set(earliest.slice(0, mostStarts));
    const found: StoredEvent[] = [];
    let layer = await this.#load(head, reach, latest.slice(0, mostStarts), seen);
    while (layer.length > 0 && found.length < limit) {
      const before = await this.#load(head, reach, idsBefore(layer, head.version), seen);
      layer = before.filter((event) => event.fields.depth >= minimumDepth).toSorted(byPlace);
      found.push(...layer.slice(-(limit - found.length)));
    }
    return found.toSorted(byPlace);
  }

  /** Those that are events of the room, have a place in its graph, are for the asker, and weren't seen yet. */
  async #load({ room }: RoomHead, reach: Reach, ids: readonly string[], seen: Set<string>): Promise<StoredEvent[]> {
    const fresh = ids.filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    if (fresh.length === 0) return [];
    return [...(await this.#events.findMany(fresh)).values()].filter(
      (event) => event.room === room && !event.isOutlier && reach(event),
    );
  }
}

function idsBefore(layer: readonly StoredEvent[], version: RoomVersion): string[] {
  return layer.flatMap((event) => prevEventIds(event.pdu, version));
}

function byPlace(a: StoredEvent, b: StoredEvent): number {
  return a.fields.depth - b.fields.depth || (a.position ?? 0) - (b.position ?? 0);
}
