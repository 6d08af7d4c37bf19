import { MatrixError } from '@myelin/api';
import { parseEventId, type EventFilter } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { Events, StoredEvent, TimelinePoint } from '../events/index.ts';
import type { Filters } from '../filters/index.ts';
import { memberKey, type EventNid, type Names } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { ReadAccess, RoomAccess } from '../room-events/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';
import { pointToken, type RoomStates } from '../timeline/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import type { HistoryOfOthers } from './history-of-others.ts';
import { before, deepest, pointOf, type Pages } from './pages.ts';
import { EventTexts, type EventTextsParts } from './event-texts.ts';
import { RoomEventSieve, type RelationLookup } from './room-event-sieve.ts';

export interface RoomHistoryParts extends EventTextsParts {
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly states: RoomStates;
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly filters: Filters;
  readonly pages: Pages;
  readonly relations: RelationLookup;
  readonly partialRooms: PartialRooms;
}

export interface MessagesQuery {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly backwards: boolean;
  readonly limit: number | undefined;
  readonly filter: string | undefined;
}

const mostContext = 100;
/** So many events around a time are looked at for one that the reader may see. */
const mostNear = 100;

/** Reading what happened in rooms. Answers are JSON texts. Client-Server API §"Getting events for a room". */
export class RoomHistory {
  readonly #parts: RoomHistoryParts;
  readonly #texts: EventTexts;
  #others: HistoryOfOthers | undefined;

  constructor(parts: RoomHistoryParts) {
    this.#parts = parts;
    this.#texts = new EventTexts(parts);
  }

  /** Fetches what isn't here, from now on. */
  useOthers(others: HistoryOfOthers): void {
    this.#others = others;
    this.#parts.pages.useOthers(others);
  }

  async messages(requester: Requester, roomId: string, query: MessagesQuery): Promise<string> {
    const { access: rooms, filters, pages } = this.#parts;
    const filter = filters.forRoomEvents(query.filter);
    const access = await rooms.read(roomId, requester.user);
    const page = await pages.page(access, {
      from: query.from,
      to: query.to,
      backwards: query.backwards,
      limit: Math.max(0, query.limit ?? filter.limit),
      filter: this.#sieve(filter, access),
      viewer: await this.#texts.viewer(requester, access),
    });
    const [first] = page.events;
    const state = filter.lazyLoadMembers && first ? await this.#senders(page.events, first.fields.stateAfter) : [];
    const end = page.end === undefined ? '' : `,"end":${JSON.stringify(page.end)}`;
    return `{"start":${JSON.stringify(page.start)}${end},"chunk":${await this.#texts.list(requester, access, page.events)},"state":${await this.#texts.list(requester, access, state)}}`;
  }

  async context(
    requester: Requester,
    roomId: string,
    eventId: string,
    limitGiven: number | undefined,
    filterGiven: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const { events, filters, visibility, partialRooms } = this.#parts;
    const filter = filters.forRoomEvents(filterGiven);
    let found = await this.#visibleEvent(requester, roomId, eventId);
    // Without lazy loading the state has all members: those that are known, if the others don't become known.
    if (!filter.lazyLoadMembers && partialRooms.isPartial(found.access.room)) {
      if (found.access.member?.membership === 'join') await partialRooms.completesSoon(found.access.room, signal);
      found = await this.#visibleEvent(requester, roomId, eventId);
    }
    const { access, event, viewer } = found;
    const sieve = this.#sieve(filter, access);
    const limit = Math.min(limitGiven ?? 10, mostContext);
    const half = Math.floor(limit / 2);
    const shownOf = async (found: readonly StoredEvent[]): Promise<StoredEvent[]> =>
      visibility.filter(await sieve.sift(found), viewer);
    const earlier = await shownOf(await this.#upTo(access, before(event), half));
    const later = await shownOf(await events.timeline.after(access.room, pointOf(event), limit - half));
    const last = later.at(-1) ?? event;
    const first = earlier.at(-1) ?? event;
    const state = await sieve.sift(
      await this.#contextState(last.fields.stateAfter, [...earlier, event, ...later], filter),
    );
    return (
      `{"start":${JSON.stringify(pointToken(before(first)))},"end":${JSON.stringify(pointToken(pointOf(last)))},` +
      `"events_before":${await this.#texts.list(requester, access, earlier)},"event":${await this.#texts.one(requester, access, event)},` +
      `"events_after":${await this.#texts.list(requester, access, later)},"state":${await this.#texts.list(requester, access, state)}}`
    );
  }

  /** One event; M_NOT_FOUND whether it isn't there or isn't for this user. */
  async event(requester: Requester, roomId: string, eventId: string): Promise<string> {
    try {
      const { access, event } = await this.#visibleEvent(requester, roomId, eventId);
      return await this.#texts.one(requester, access, event);
    } catch (error) {
      if (error instanceof MatrixError && error.code === 'M_FORBIDDEN')
        throw new MatrixError('M_NOT_FOUND', 'Event not found');
      throw error;
    }
  }

  /** The event closest to a time in a direction that the user may see. */
  async eventNear(requester: Requester, roomId: string, ts: number, forward: boolean): Promise<StoredEvent> {
    const { access: rooms, events, visibility } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const viewer = await this.#texts.viewer(requester, access);
    const closest = async (): Promise<StoredEvent | undefined> => {
      // Most often the first will do.
      for (let limit = 1; limit <= mostNear; limit *= mostNear) {
        const [event] = await visibility.filter(
          await events.timeline.closestInTime(access.room, ts, forward, limit),
          viewer,
        );
        if (event) return event;
      }
      return undefined;
    };
    let found = await closest();
    if (this.#others && access.member?.membership === 'join') {
      const [earlier] = forward ? await events.timeline.closestInTime(access.room, ts, false, 1) : [found];
      if (await this.#others.nearest(access.room, ts, forward, found, earlier)) found = await closest();
    }
    if (found) return found;
    throw new MatrixError('M_NOT_FOUND', 'Unable to find an event in this direction');
  }

  /** An event of a room that the user may see; 404 for all others, whatever keeps them from it. */
  async #visibleEvent(
    requester: Requester,
    roomId: string,
    eventId: string,
  ): Promise<{ access: ReadAccess; event: StoredEvent; viewer: Viewer }> {
    const { access: rooms, events, visibility } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const known = await events.findInRoom(access.room, eventId);
    const event = known && !known.isOutlier ? known : await this.#fetched(access, eventId);
    const viewer = await this.#texts.viewer(requester, access);
    const seen = event && (await visibility.seen(event, viewer));
    if (!seen) throw new MatrixError('M_NOT_FOUND', 'Event not found');
    return { access, event: seen, viewer };
  }

  /** An event that only other servers have, for members of the room. */
  async #fetched(access: ReadAccess, eventId: string): Promise<StoredEvent | undefined> {
    if (!this.#others || access.member?.membership !== 'join' || !parseEventId(eventId)) return undefined;
    return this.#others.fetchEvent(access.room, eventId);
  }

  /** Events up to a place, newest first; those that only other servers have are fetched for members of the room. */
  async #upTo({ room, member }: ReadAccess, point: TimelinePoint, limit: number): Promise<StoredEvent[]> {
    const { events } = this.#parts;
    const read = await events.timeline.upTo(room, point, limit);
    if (!this.#others || limit === 0 || member?.membership !== 'join') return read;
    const came = await this.#others.fetchBefore(room, point, deepest(read, limit));
    return came ? events.timeline.upTo(room, point, limit) : read;
  }

  #sieve(filter: EventFilter, access: ReadAccess): RoomEventSieve {
    return new RoomEventSieve(filter, this.#parts.names, this.#parts.relations, access.until);
  }

  async #contextState(state: StateRoot, shown: readonly StoredEvent[], filter: EventFilter): Promise<StoredEvent[]> {
    if (!filter.lazyLoadMembers) return this.#parts.states.all(state);
    return [...(await this.#parts.states.allButMembers(state)), ...(await this.#senders(shown, state))];
  }

  /** The member events of the senders of events. */
  async #senders(shown: readonly StoredEvent[], state: StateRoot): Promise<StoredEvent[]> {
    const { maps, events } = this.#parts;
    const found = new Set<EventNid>();
    for (const user of new Set(shown.map((event) => event.senderNid))) {
      const nid = await maps.get(state, memberKey(user));
      if (nid !== undefined) found.add(nid);
    }
    return [...(await events.getMany(found)).values()];
  }
}
