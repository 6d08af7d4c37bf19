import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';

export interface SearchedRoomsParts {
  readonly names: Names;
  readonly members: RoomMembers;
  readonly heads: RoomHeads;
  readonly states: RoomStates;
}

/** A room that was upgraded this often is searched back to here. */
const mostPredecessors = 10;
const mostNamed = 1_000;

/** In which rooms a user's search looks. */
export class SearchedRooms {
  readonly #parts: SearchedRoomsParts;

  constructor(parts: SearchedRoomsParts) {
    this.#parts = parts;
  }

  /** The rooms that the user is in; of those that are `named`, only they and what they were before upgrades. */
  async of(user: UserNid, named: readonly string[] | undefined): Promise<RoomNid[]> {
    const joined = await this.#parts.members.joinedRooms(user);
    if (named === undefined) return joined;
    const wanted = new Set<RoomNid>();
    for (const roomId of named.slice(0, mostNamed)) await this.#addWithPredecessors(roomId, wanted, new Set(joined));
    return joined.filter((room) => wanted.has(room));
  }

  /** What is told of the past of a room that the user isn't in doesn't count. */
  async #addWithPredecessors(roomId: string, wanted: Set<RoomNid>, joined: ReadonlySet<RoomNid>): Promise<void> {
    const { names, heads, states } = this.#parts;
    let next: unknown = roomId;
    for (let depth = 0; depth <= mostPredecessors && typeof next === 'string'; depth++) {
      const room = await names.findRoom(next);
      if (room === undefined || !joined.has(room) || wanted.has(room)) return;
      wanted.add(room);
      const head = await heads.find(room);
      const created = head && (await states.get(head.state, 'm.room.create', ''));
      const predecessor = created?.content['predecessor'];
      next = typeof predecessor === 'object' && predecessor !== null ? Reflect.get(predecessor, 'room_id') : undefined;
    }
  }
}
