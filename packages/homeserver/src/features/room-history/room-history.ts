import { MatrixError } from '@myelin/api';
import type { EventFilter } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Filters } from '../filters/index.ts';
import { memberKey, type EventNid, type Names, type UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import { notInRoom, type ReadAccess, type RoomAccess } from '../room-events/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';
import { parsePoint, pointToken, type RoomStates } from '../timeline/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import { before, passes, pointOf, type Pages } from './pages.ts';

/** Relations told with events. Implemented by `features/relations`. */
export interface Bundles {
  bundles(events: readonly StoredEvent[], user: UserNid, device: Requester['device']): Promise<ReadonlyMap<EventNid, string>>;
}

/** Whom a user ignores. Implemented by `features/account-data`. */
export interface IgnoredUsers {
  ignored(user: UserNid): Promise<ReadonlySet<UserNid>>;
}

export interface RoomHistoryParts {
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly clientEvents: ClientEvents;
  readonly filters: Filters;
  readonly pages: Pages;
  readonly bundles: Bundles;
  readonly ignoredUsers: IgnoredUsers;
}

export interface MessagesQuery {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly backwards: boolean;
  readonly limit: number | undefined;
  readonly filter: string | undefined;
}

const mostContext = 100;

/** Reading what happened in rooms. Answers are JSON texts. Client-Server API §"Getting events for a room". */
export class RoomHistory {
  readonly #parts: RoomHistoryParts;

  constructor(parts: RoomHistoryParts) {
    this.#parts = parts;
  }

  async messages(requester: Requester, roomId: string, query: MessagesQuery): Promise<string> {
    const { access: rooms, filters, pages } = this.#parts;
    const filter = filters.forRoomEvents(query.filter);
    const access = await rooms.read(roomId, requester.user);
    const viewer = await this.#viewer(requester, access);
    const limit = Math.max(0, Math.min(query.limit ?? 10, filter.limit === 10 ? Number.MAX_SAFE_INTEGER : filter.limit));
    const page = await pages.page(access, { from: query.from, to: query.to, backwards: query.backwards, limit, filter, viewer });
    const state = filter.lazyLoadMembers ? await this.#senders(page.events, access.state) : [];
    const end = page.end === undefined ? '' : `,"end":${JSON.stringify(page.end)}`;
    return `{"start":${JSON.stringify(page.start)}${end},"chunk":${await this.#list(requester, page.events, true)},"state":${await this.#list(requester, state)}}`;
  }

  async context(requester: Requester, roomId: string, eventId: string, limitGiven: number | undefined, filterGiven: string | undefined): Promise<string> {
    const { events, filters } = this.#parts;
    const filter = filters.forRoomEvents(filterGiven);
    const { access, event, viewer } = await this.#visibleEvent(requester, roomId, eventId);
    const limit = Math.min(limitGiven ?? 10, mostContext);
    const half = Math.floor(limit / 2);
    const earlier = await this.#around(await events.upTo(access.room, before(event), half), filter, viewer);
    const later = await this.#around(await events.after(access.room, pointOf(event), limit - half), filter, viewer);
    const last = later.at(-1) ?? event;
    const first = earlier.at(-1) ?? event;
    const shown = [...earlier, event, ...later];
    const state = await this.#contextState(last.fields.stateAfter, shown, filter);
    return (
      `{"start":${JSON.stringify(pointToken(before(first)))},"end":${JSON.stringify(pointToken(pointOf(last)))},` +
      `"events_before":${await this.#list(requester, earlier, true)},"event":${await this.#one(requester, event, true)},` +
      `"events_after":${await this.#list(requester, later, true)},"state":${await this.#list(requester, state)}}`
    );
  }

  /** One event; M_NOT_FOUND whether it isn't there or isn't for this user. */
  async event(requester: Requester, roomId: string, eventId: string): Promise<string> {
    try {
      const { event } = await this.#visibleEvent(requester, roomId, eventId);
      return await this.#one(requester, event, true);
    } catch (error) {
      if (error instanceof MatrixError && error.code === 'M_FORBIDDEN') throw new MatrixError('M_NOT_FOUND', 'Event not found');
      throw error;
    }
  }

  async state(requester: Requester, roomId: string): Promise<string> {
    const access = await this.#parts.access.read(roomId, requester.user);
    return this.#list(requester, await this.#parts.states.all(access.state));
  }

  /** One state event, or its content. */
  async stateEvent(requester: Requester, roomId: string, type: string, stateKey: string, format: 'content' | 'event'): Promise<string> {
    const { access: rooms, states } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const event = await states.get(access.state, type, stateKey);
    if (!event) throw new MatrixError('M_NOT_FOUND', 'There is no such state event');
    return format === 'event' ? this.#one(requester, event) : event.contentText;
  }

  /** The member events of a room, now or at a place of its timeline. */
  async memberEvents(
    requester: Requester,
    roomId: string,
    query: { readonly at: string | undefined; readonly membership: string | undefined; readonly notMembership: string | undefined },
  ): Promise<string> {
    const { access: rooms, states, events } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    if (access.isPeeking) throw notInRoom();
    let state = access.state;
    if (query.at !== undefined && query.at !== '') {
      const point = await parsePoint(query.at, access.room, events);
      const [at] = await events.upTo(access.room, point, 1);
      // Those who have left see no later members than at their leaving.
      if (at && (access.until === undefined || (at.position ?? 0) <= access.until)) state = at.fields.stateAfter;
    }
    const members = (await states.allMembers(state)).filter((event) => {
      const { membership } = event.content;
      return (query.membership === undefined || membership === query.membership) && (query.notMembership === undefined || membership !== query.notMembership);
    });
    return `{"chunk":${await this.#list(requester, members)}}`;
  }

  async joinedMembers(requester: Requester, roomId: string): Promise<Record<string, { display_name: string | null; avatar_url: string | null }>> {
    const { room, head } = await this.#parts.access.requireJoined(roomId, requester);
    const joined = await this.#parts.members.joinedUsers(room);
    const out: Record<string, { display_name: string | null; avatar_url: string | null }> = {};
    for (const event of await this.#parts.states.allMembers(head.state)) {
      if (event.content['membership'] !== 'join' || event.stateKey === undefined || joined.size === 0) continue;
      const { displayname, avatar_url: avatarUrl } = event.content;
      out[event.stateKey] = {
        display_name: typeof displayname === 'string' ? displayname : null,
        avatar_url: typeof avatarUrl === 'string' ? avatarUrl : null,
      };
    }
    return out;
  }

  async joinedRooms(requester: Requester): Promise<string[]> {
    const rooms = await this.#parts.members.joinedRooms(requester.user);
    return Promise.all(rooms.map((room) => this.#parts.names.roomId(room)));
  }

  /** The event closest to a time in a direction that the user may see. */
  async eventNear(requester: Requester, roomId: string, ts: number, forward: boolean): Promise<StoredEvent> {
    const { access: rooms, events, visibility } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const event = await events.closestInTime(access.room, ts, forward);
    if (!event || !(await visibility.isVisible(event, await this.#viewer(requester, access)))) {
      throw new MatrixError('M_NOT_FOUND', 'Unable to find an event in this direction');
    }
    return event;
  }

  /** An event of a room that the user may see; 404 for all others, whatever keeps them from it. */
  async #visibleEvent(requester: Requester, roomId: string, eventId: string): Promise<{ access: ReadAccess; event: StoredEvent; viewer: Viewer }> {
    const { access: rooms, events, visibility } = this.#parts;
    const access = await rooms.read(roomId, requester.user);
    const event = await events.findInRoom(access.room, eventId);
    const viewer = await this.#viewer(requester, access);
    if (!event || !(await visibility.isVisible(event, viewer))) throw new MatrixError('M_NOT_FOUND', 'Event not found');
    return { access, event, viewer };
  }

  async #viewer(requester: Requester, access: ReadAccess): Promise<Viewer> {
    return {
      user: requester.user,
      isJoined: access.member?.membership === 'join',
      leftAt: access.until,
      ignored: await this.#parts.ignoredUsers.ignored(requester.user),
    };
  }

  async #around(found: readonly StoredEvent[], filter: EventFilter, viewer: Viewer): Promise<StoredEvent[]> {
    return this.#parts.visibility.filter(
      found.filter((event) => passes(filter, event)),
      viewer,
    );
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

  async #list(requester: Requester, events: readonly StoredEvent[], withBundles = false): Promise<string> {
    const relations = withBundles ? await this.#parts.bundles.bundles(events, requester.user, requester.device) : undefined;
    const options = { user: requester.user, device: requester.device, withRoomId: true, ...(relations ? { relations } : {}) };
    return `[${(await this.#parts.clientEvents.format(events, options)).join(',')}]`;
  }

  async #one(requester: Requester, event: StoredEvent, withBundles = false): Promise<string> {
    return (await this.#list(requester, [event], withBundles)).slice(1, -1);
  }
}

