import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { RestrictedJoins } from '../membership/index.ts';
import type { Names } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { RoomHead, RoomStates } from '../timeline/index.ts';

export interface JoinPermissionParts {
  readonly serverName: string;
  readonly database: Database;
  readonly names: Names;
  readonly states: RoomStates;
  readonly servers: RoomServers;
  readonly restrictedJoins: RestrictedJoins;
}

/** Joins of users of other servers to rooms that let in the members of other rooms. Room Versions 8 and 10. */
export class JoinPermission {
  readonly #parts: JoinPermissionParts;

  constructor(parts: JoinPermissionParts) {
    this.#parts = parts;
  }

  /**
   * What belongs into the content of a join so that the room lets the user in: in whose name that is, if it must be said.
   * Throws M_FORBIDDEN, M_UNABLE_TO_AUTHORISE_JOIN (it can't be told from here whether the user may join),
   * M_UNABLE_TO_GRANT_JOIN (they may, but nobody of this server may let them in).
   */
  async content(head: RoomHead, userId: string): Promise<JsonObject> {
    if (!(await this.#mustBeAuthorised(head, userId))) return {};
    const { restrictedJoins, database } = this.#parts;
    const authoriser = await restrictedJoins.authoriser(head, database.reader);
    if (authoriser === undefined)
      throw new MatrixError('M_UNABLE_TO_GRANT_JOIN', 'No member of this server may let the user in');
    return { join_authorised_via_users_server: authoriser };
  }

  /** Throws where `content` would, for want of being in a room whose members are let in. */
  async check(head: RoomHead, userId: string): Promise<void> {
    await this.#mustBeAuthorised(head, userId);
  }

  async #mustBeAuthorised(head: RoomHead, userId: string): Promise<boolean> {
    const { restrictedJoins, names, states } = this.#parts;
    const allowed = await restrictedJoins.allowedRooms(head);
    if (!allowed) return false;
    const user = await names.findUser(userId);
    const membership = user === undefined ? 'leave' : await states.membership(head.state, user);
    if (membership === 'join' || membership === 'invite') return false;
    const { here, elsewhere } = await this.#whereWeAre(allowed);
    if (user !== undefined && (await restrictedJoins.isInOneOf(user, here))) return true;
    if (elsewhere > 0)
      throw new MatrixError('M_UNABLE_TO_AUTHORISE_JOIN', 'This server is not in the rooms that let users in');
    throw new MatrixError('M_FORBIDDEN', 'You do not belong to any of the required rooms/spaces to join this room.');
  }

  /** Of rooms that this server isn't in, or not any more, it doesn't know who is in them. */
  async #whereWeAre(roomIds: readonly string[]): Promise<{ here: string[]; elsewhere: number }> {
    const { names, servers, serverName } = this.#parts;
    const here: string[] = [];
    for (const roomId of roomIds) {
      const room = await names.findRoom(roomId);
      if (room !== undefined && (await servers.isInRoom(room, serverName))) here.push(roomId);
    }
    return { here, elsewhere: roomIds.length - here.length };
  }
}
