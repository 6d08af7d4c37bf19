import type { RoomNid, UserNid } from '../names/index.ts';
import type { StateKeyChange } from '../timeline/index.ts';

/** Who is in which rooms. Implemented by `features/room-members`. */
export interface JoinedRooms {
  joinedRooms(user: UserNid): Promise<RoomNid[]>;
}

/** Which rooms this server is in. Implemented by `features/room-servers`. */
export interface ServersInRooms {
  isInRoom(room: RoomNid, server: string): Promise<boolean>;
}

/** Rooms whose members this server doesn't know yet. Implemented by `features/partial-rooms`. */
export interface RoomsWithoutMembers {
  isPartial(room: RoomNid): boolean;
  all(): readonly { readonly room: RoomNid }[];
}

/** What is found out when the members of a room are known. */
export interface CompletedRoom {
  readonly partial: { readonly room: RoomNid; readonly position: number };
  readonly changes: readonly StateKeyChange[];
}

/** Whether users of other servers are in a room that this server is in as well. */
export class SharedRooms {
  readonly #members: JoinedRooms;
  readonly #servers: ServersInRooms;
  readonly #partial: RoomsWithoutMembers;
  readonly #serverName: string;

  constructor(members: JoinedRooms, servers: ServersInRooms, partial: RoomsWithoutMembers, serverName: string) {
    this.#members = members;
    this.#servers = servers;
    this.#partial = partial;
    this.#serverName = serverName;
  }

  async sharesRoom(user: UserNid): Promise<boolean> {
    for (const room of await this.#members.joinedRooms(user)) if (await this.isHere(room)) return true;
    return false;
  }

  /** Whether users of a server may be in a room with ours although they aren't known as its members. */
  async mayShare(server: string): Promise<boolean> {
    for (const { room } of this.#partial.all()) if (await this.#servers.isInRoom(room, server)) return true;
    return false;
  }

  /** The same of one room. */
  async mayBeIn(room: RoomNid, server: string): Promise<boolean> {
    return this.#partial.isPartial(room) && this.#servers.isInRoom(room, server);
  }

  /** Whether a local user is in the room. */
  isHere(room: RoomNid): Promise<boolean> {
    return this.#servers.isInRoom(room, this.#serverName);
  }
}
