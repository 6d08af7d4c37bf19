import { MatrixError } from '@myelin/api';
import { looksLikeMxc } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names } from '../names/index.ts';
import { notInRoom, type ReadAccess, type RoomAccess } from '../room-events/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import { parsePoint, type RoomStates } from '../timeline/index.ts';
import type { EventVisibility } from '../visibility/index.ts';
import { EventTexts, type EventTextsParts } from './event-texts.ts';

export interface RoomContentsParts extends EventTextsParts {
  readonly names: Names;
  readonly events: Events;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly access: RoomAccess;
  readonly partialRooms: PartialRooms;
  readonly serverName: string;
  readonly visibility: EventVisibility;
}

/** Of a room's members, so many are read and told at a time. */
const membersAtOnce = 250;

/** Reading the state of rooms and who is in them. Answers are JSON texts. Client-Server API §"Getting events for a room". */
export class RoomContents {
  readonly #parts: RoomContentsParts;
  readonly #texts: EventTexts;

  constructor(parts: RoomContentsParts) {
    this.#parts = parts;
    this.#texts = new EventTexts(parts);
  }

  async state(requester: Requester, roomId: string, signal: AbortSignal): Promise<string> {
    const access = await this.#readWhole(requester, roomId, signal);
    return this.#texts.list(requester, access, await this.#parts.states.all(access.state));
  }

  /** One state event, or its content. */
  async stateEvent(
    requester: Requester,
    roomId: string,
    type: string,
    stateKey: string,
    format: 'content' | 'event',
    signal: AbortSignal,
  ): Promise<string> {
    const { access: rooms, states, serverName } = this.#parts;
    const isOfOthers = type === 'm.room.member' && !stateKey.endsWith(`:${serverName}`);
    const access = isOfOthers
      ? await this.#readWhole(requester, roomId, signal)
      : await rooms.read(roomId, requester.user);
    const event = await states.get(access.state, type, stateKey);
    if (!event) throw new MatrixError('M_NOT_FOUND', 'There is no such state event');
    return format === 'event' ? this.#texts.one(requester, access, event) : event.contentText;
  }

  /** The member events of a room, now or at a place of its timeline; of many, the text comes in pieces. */
  async memberEvents(
    requester: Requester,
    roomId: string,
    query: {
      readonly at: string | undefined;
      readonly membership: string | undefined;
      readonly notMembership: string | undefined;
    },
    signal: AbortSignal,
  ): Promise<string | AsyncIterable<string>> {
    const { states } = this.#parts;
    const access = await this.#readWhole(requester, roomId, signal);
    if (access.isPeeking) throw notInRoom();
    const state = query.at ? await this.#stateAt(requester, access, query.at) : access.state;
    const isWanted = (event: StoredEvent): boolean => {
      const { membership } = event.content;
      return (
        (query.membership === undefined || membership === query.membership) &&
        (query.notMembership === undefined || membership !== query.notMembership)
      );
    };
    const lots = await states.membersInLots(state, membersAtOnce);
    const wanted = lots.map((lot) => async () => (await lot()).filter(isWanted));
    if (wanted.length > 1) return inChunk(this.#texts.inLots(requester, access, wanted));
    return `{"chunk":${await this.#texts.list(requester, access, (await wanted[0]?.()) ?? [])}}`;
  }

  async joinedMembers(
    requester: Requester,
    roomId: string,
    signal: AbortSignal,
  ): Promise<Record<string, { display_name: string | null; avatar_url: string | null }>> {
    await this.#readWhole(requester, roomId, signal);
    const { head } = await this.#parts.access.requireJoined(roomId, requester);
    const out: Record<string, { display_name: string | null; avatar_url: string | null }> = {};
    for (const event of await this.#parts.states.allMembers(head.state)) {
      if (event.content['membership'] !== 'join' || event.stateKey === undefined) continue;
      const { displayname, avatar_url: avatarUrl } = event.content;
      out[event.stateKey] = {
        display_name: typeof displayname === 'string' ? displayname : null,
        avatar_url: looksLikeMxc(avatarUrl) ? avatarUrl : null,
      };
    }
    return out;
  }

  async joinedRooms(requester: Requester): Promise<string[]> {
    const rooms = await this.#parts.members.joinedRooms(requester.user);
    return Promise.all(rooms.map((room) => this.#parts.names.roomId(room)));
  }

  /** As `access.read`, when the members of the room are known. Only who is in the room waits for them. Throws M_UNKNOWN (503). */
  async #readWhole({ user }: Requester, roomId: string, signal: AbortSignal): Promise<ReadAccess> {
    const { access: rooms, partialRooms } = this.#parts;
    const access = await rooms.read(roomId, user);
    if (!partialRooms.isPartial(access.room) || access.member?.membership !== 'join') return access;
    await partialRooms.requireComplete(access.room, signal);
    return rooms.read(roomId, user);
  }

  /** The state at a place of the timeline that the reader may see. */
  async #stateAt(requester: Requester, access: ReadAccess, token: string): Promise<StateRoot> {
    const { events, visibility } = this.#parts;
    const point = await parsePoint(token, access.room, events);
    const [at] = await events.timeline.upTo(access.room, point, 1);
    // Before the room's first event: a sync that shows the whole room begins there. The creator's join is the first state with members.
    const event = at ?? (await events.timeline.after(access.room, point, 2)).at(-1);
    // Those who have left see no later members than at their leaving.
    if (!event || (access.until !== undefined && (event.position ?? 0) > access.until)) return access.state;
    if (!(await visibility.isVisible(event, await this.#texts.viewer(requester, access)))) {
      throw new MatrixError('M_FORBIDDEN', 'You may not see what the room was like then');
    }
    return event.fields.stateAfter;
  }
}

async function* inChunk(list: AsyncIterable<string>): AsyncGenerator<string> {
  yield '{"chunk":';
  yield* list;
  yield '}';
}
