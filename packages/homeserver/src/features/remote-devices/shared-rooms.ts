import type { RoomNid, UserNid } from '../names/index.ts';

/** Who is in which rooms. Implemented by `features/room-members`. */
export interface JoinedRooms {
  joinedRooms(user: UserNid): Promise<RoomNid[]>;
}

/** Which rooms this server is in. Implemented by `features/room-servers`. */
export interface ServersInRooms {
  isInRoom(room: RoomNid, server: string): Promise<boolean>;
}

/** Whether users of other servers are in a room that this server is in as well. */
export class SharedRooms {
  readonly #members: JoinedRooms;
  readonly #servers: ServersInRooms;
  readonly #serverName: string;

  constructor(members: JoinedRooms, servers: ServersInRooms, serverName: string) {
    this.#members = members;
    this.#servers = servers;
    this.#serverName = serverName;
  }

  async sharesRoom(user: UserNid): Promise<boolean> {
    for (const room of await this.#members.joinedRooms(user)) if (await this.isHere(room)) return true;
    return false;
  }

  /** Whether a local user is in the room. */
  isHere(room: RoomNid): Promise<boolean> {
    return this.#servers.isInRoom(room, this.#serverName);
  }
}
