import { boundedCache } from '../../../caches/index.ts';
import type { RoomNid } from '../../names/index.ts';

/** Rooms of which gaps are remembered, and gaps of each. */
const mostRooms = 1_000;
const mostOfRoom = 20;
/** So many servers are asked for an event that is missing. */
const mostAsked = 5;
/** Of so many of a room it is remembered what is missing before them, and of an event that many. */
const most = { lacking: 5, before: 20 };

interface Gap {
  /** Who was asked for the event. */
  readonly asked: Set<string>;
  /** Who told it when what is before it was missing, each once. */
  readonly told: Set<string>;
  /** What was missing then. */
  lacking: readonly string[];
}

/**
 * The events that are missing before what has come since this server is in a room: the state after them is what another server
 * told, maybe one that lies and keeps the event back. Those who send events of the room afterwards are asked for them. In
 * memory only: what is forgotten is only not asked for.
 */
export class ToldGaps {
  readonly #open = boundedCache<RoomNid, Map<string, Gap>>(mostRooms);

  /** `teller`: who has told the state after these, and what it would tell of what lies before it. */
  note(room: RoomNid, eventIds: Iterable<string>, teller: string): void {
    for (const eventId of eventIds) {
      let ofRoom = this.#open.get(room);
      if (!ofRoom) this.#open.set(room, (ofRoom = new Map()));
      if (ofRoom.size < mostOfRoom && !ofRoom.has(eventId))
        ofRoom.set(eventId, { asked: new Set([teller]), told: new Set(), lacking: [] });
    }
  }

  /** What a server wasn't asked for yet, and is now. `come`: an event that is here now. */
  toAsk(room: RoomNid, server: string, come?: string): string[] {
    if (come !== undefined) this.close(room, come);
    const ofRoom = this.#open.get(room);
    if (!ofRoom) return [];
    const eventIds: string[] = [];
    for (const [eventId, { asked }] of ofRoom) {
      if (asked.has(server)) continue;
      asked.add(server);
      eventIds.push(eventId);
      if (asked.size >= mostAsked) this.close(room, eventId);
    }
    return eventIds;
  }

  /** A server has told the event, which could not be taken: these events before it are missing. */
  noteLacking(room: RoomNid, eventId: string, server: string, lacking: readonly string[]): void {
    const ofRoom = this.#open.get(room);
    const gap = ofRoom?.get(eventId);
    if (!ofRoom || !gap || gap.told.has(server) || lacking.length > most.before) return;
    const others = [...ofRoom.values()].filter((each) => each !== gap && each.lacking.length > 0);
    if (others.length >= most.lacking) return;
    gap.told.add(server);
    gap.lacking = lacking;
  }

  /** What is missing before events that were told. */
  lacking(room: RoomNid): string[] {
    return [...(this.#open.get(room)?.values() ?? [])].flatMap((gap) => gap.lacking);
  }

  /** These are here now: who told an event that was lacking nothing else may be asked for it once more. */
  foundLacking(room: RoomNid, found: ReadonlySet<string>): void {
    for (const gap of this.#open.get(room)?.values() ?? []) {
      if (gap.lacking.length === 0 || !gap.lacking.every((id) => found.has(id))) continue;
      gap.lacking = [];
      for (const server of gap.told) gap.asked.delete(server);
    }
  }

  /** The event has come, or isn't asked for any more. */
  close(room: RoomNid, eventId: string): void {
    const ofRoom = this.#open.get(room);
    if (ofRoom?.delete(eventId) && ofRoom.size === 0) this.#open.delete(room);
  }
}
