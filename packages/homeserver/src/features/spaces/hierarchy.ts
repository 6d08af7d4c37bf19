import { MatrixError } from '@myelin/api';
import { parseRoomId } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { RoomHead, RoomHeads } from '../timeline/index.ts';
import { viaOf } from './child-order.ts';
import { hierarchyToken, parseHierarchyToken } from './hierarchy-token.ts';
import type { LocalRooms } from './local-rooms.ts';
import type { RemoteSpaces } from './remote-spaces.ts';
import { spaceType, type RoomFacts, type SpaceRoom } from './room-facts.ts';
import type { RoomOpenness } from './room-openness.ts';

export interface HierarchyParts {
  readonly serverName: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly servers: RoomServers;
  readonly local: LocalRooms;
  readonly remote: RemoteSpaces;
  readonly openness: RoomOpenness;
}

export interface HierarchyQuery {
  readonly suggestedOnly: boolean;
  readonly limit: number | undefined;
  readonly maxDepth: number | undefined;
  readonly from: string | undefined;
}

export interface HierarchyPage {
  readonly rooms: readonly SpaceRoom[];
  readonly nextBatch: string | undefined;
}

/** A room that is still to be looked at. */
interface Waiting {
  readonly roomId: string;
  readonly depth: number;
  readonly via: readonly string[];
  /** What the server of the space has told of it. */
  readonly told: RoomFacts | undefined;
}

/** What became of looking at a room. */
interface Looked {
  readonly room: SpaceRoom;
  readonly childFacts: ReadonlyMap<string, RoomFacts>;
  readonly inaccessible: ReadonlySet<string>;
}

const largestPage = 50;
/** So many rooms of a hierarchy are looked at, all pages together. */
const mostRooms = 2_000;
/** So many questions to other servers one page may cost. */
const mostQuestions = 50;
/** After so long a page asks nobody any more, in milliseconds: then the client gets what there is. */
const longestAsking = 20_000;
const none = { childFacts: new Map<string, RoomFacts>(), inaccessible: new Set<string>() };

/**
 * The rooms of a space, and of the spaces in it, depth first. A page's token says how many rooms went before: the walk is
 * done again up to there, by what the rooms are then. Client-Server API §GET /hierarchy.
 */
export class Hierarchy {
  readonly #parts: HierarchyParts;

  constructor(parts: HierarchyParts) {
    this.#parts = parts;
  }

  /** Throws M_FORBIDDEN if the user may not know of the room, M_INVALID_PARAM for a token of another request. */
  async page(user: UserNid, roomId: string, query: HierarchyQuery): Promise<HierarchyPage> {
    const { suggestedOnly, maxDepth = Number.POSITIVE_INFINITY } = query;
    const skip = query.from === undefined ? 0 : parseHierarchyToken(query.from, query);
    const end = skip + Math.max(1, Math.min(query.limit ?? largestPage, largestPage));
    const rooms: SpaceRoom[] = [];
    const seen = new Set<string>();
    const waiting: Waiting[] = [{ roomId, depth: 0, via: placesOf(roomId), told: undefined }];
    let questions = 0;
    const { clock } = this.#parts;
    const lastQuestion = clock.monotonic() + longestAsking;
    while (waiting.length > 0 && rooms.length < end && seen.size < mostRooms) {
      const next = waiting.pop() as Waiting;
      if (seen.has(next.roomId)) continue;
      seen.add(next.roomId);
      const mayAsk = questions < mostQuestions && clock.monotonic() < lastQuestion;
      const looked = await this.#look(user, next, { suggestedOnly, isLast: next.depth >= maxDepth, mayAsk }, () => {
        questions++;
      });
      if (!looked) {
        if (next.depth === 0) throw new MatrixError('M_FORBIDDEN', 'You are not allowed to view this room.');
        continue;
      }
      rooms.push(looked.room);
      if (next.depth >= maxDepth) continue;
      for (const { state_key: child, content } of looked.room.children.toReversed()) {
        if (looked.inaccessible.has(child)) continue;
        waiting.push({ roomId: child, depth: next.depth + 1, via: viaOf(content), told: looked.childFacts.get(child) });
      }
    }
    const isMore = waiting.some((one) => !seen.has(one.roomId)) && seen.size < mostRooms;
    return { rooms: rooms.slice(skip), nextBatch: isMore ? hierarchyToken(end, query) : undefined };
  }

  async #look(
    user: UserNid,
    { roomId, via, told }: Waiting,
    how: { suggestedOnly: boolean; isLast: boolean; mayAsk: boolean },
    asks: () => void,
  ): Promise<Looked | undefined> {
    const { local, remote, openness } = this.#parts;
    const head = await this.#here(roomId);
    if (head) {
      if (!(await openness.isOpenToUser(head, user))) return undefined;
      return { room: await local.withChildren(head, how.suggestedOnly), ...none };
    }
    let looked: Looked | undefined;
    if (told && (told.room_type !== spaceType || how.isLast)) looked = { room: { facts: told, children: [] }, ...none };
    else if (how.mayAsk) {
      asks();
      const room = await remote.room(roomId, via, how.suggestedOnly);
      looked = room && { room, childFacts: room.childFacts, inaccessible: room.inaccessible };
    }
    return looked && (await openness.isRemoteOpenToUser(looked.room.facts, user)) ? looked : undefined;
  }

  /** A room that this server is in, so that it knows best. */
  async #here(roomId: string): Promise<RoomHead | undefined> {
    const { names, heads, servers, serverName } = this.#parts;
    const room = await names.findRoom(roomId);
    const head = room === undefined ? undefined : await heads.find(room);
    return head && (await servers.isInRoom(head.room, serverName)) ? head : undefined;
  }
}

/** Where a room may be known of which nobody says where it is. */
function placesOf(roomId: string): string[] {
  const parts = parseRoomId(roomId);
  return parts?.form === 'domain' ? [parts.serverName] : [];
}
