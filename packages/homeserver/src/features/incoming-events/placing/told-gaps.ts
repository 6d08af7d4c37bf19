import { boundedCache } from '../../../caches/index.ts';
import type { RoomNid } from '../../names/index.ts';

/** Rooms of which gaps are remembered, and gaps of each. */
const mostRooms = 1_000;
const mostOfRoom = 20;
/** So many servers are asked for an event that is missing. */
const mostAsked = 5;

/**
 * The events that are missing before what has come since this server is in a room: the state after them is what another server
 * told, maybe one that lies and keeps the event back. Those who send events of the room afterwards are asked for them. In
 * memory only: what is forgotten is only not asked for.
 */
export class ToldGaps {
  /** By room and event: who was asked. */
  readonly #open = boundedCache<RoomNid, Map<string, Set<string>>>(mostRooms);

  /** `teller`: who has told the state after these, and what it would tell of what lies before it. */
  note(room: RoomNid, eventIds: Iterable<string>, teller: string): void {
    for (const eventId of eventIds) {
      let ofRoom = this.#open.get(room);
      if (!ofRoom) this.#open.set(room, (ofRoom = new Map()));
      if (ofRoom.size < mostOfRoom && !ofRoom.has(eventId)) ofRoom.set(eventId, new Set([teller]));
    }
  }

  /** What a server wasn't asked for yet, and is now. `come`: an event that is here now. */
  toAsk(room: RoomNid, server: string, come?: string): string[] {
    if (come !== undefined) this.close(room, come);
    const ofRoom = this.#open.get(room);
    if (!ofRoom) return [];
    const eventIds: string[] = [];
    for (const [eventId, asked] of ofRoom) {
      if (asked.has(server)) continue;
      asked.add(server);
      eventIds.push(eventId);
      if (asked.size >= mostAsked) this.close(room, eventId);
    }
    return eventIds;
  }

  /** The event has come, or isn't asked for any more. */
  close(room: RoomNid, eventId: string): void {
    const ofRoom = this.#open.get(room);
    if (ofRoom?.delete(eventId) && ofRoom.size === 0) this.#open.delete(room);
  }
}
