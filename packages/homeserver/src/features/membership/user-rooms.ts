import type { Requester } from '../../http/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { MembershipService } from './membership.ts';

export interface UserRoomsParts {
  readonly names: Names;
  readonly members: RoomMembers;
  readonly membership: MembershipService;
  /** The requester in whose name it is done. */
  readonly actingAs: (user: { readonly nid: UserNid; readonly userId: string }) => Requester;
  /** A room in which it couldn't be done is passed over. */
  readonly onRefusal: (error: unknown) => void;
}

/** What follows from a change of a user in each of their rooms. Doing it again does no harm. */
export class UserRooms {
  readonly #parts: UserRoomsParts;

  constructor(parts: UserRoomsParts) {
    this.#parts = parts;
  }

  /** Leaves the rooms that the user is in, invited to or knocking at. */
  async leaveAll(user: UserNid, signal: AbortSignal): Promise<void> {
    const { names, members, membership } = this.#parts;
    const rooms = [...(await members.ofUser(user)).values()].filter(
      (member) => member.membership !== 'leave' && member.membership !== 'ban',
    );
    await this.#each(
      user,
      rooms.map((member) => member.room),
      signal,
      async (requester, room) => membership.leave(requester, await names.roomId(room)),
    );
  }

  /** Brings the user's name and picture into the rooms that they are in. */
  async intoRooms(user: UserNid, signal: AbortSignal): Promise<void> {
    const { members, membership } = this.#parts;
    await this.#each(user, await members.joinedRooms(user), signal, (requester, room) =>
      membership.updateProfileIn(requester, room),
    );
  }

  async #each(
    user: UserNid,
    rooms: readonly RoomNid[],
    signal: AbortSignal,
    change: (requester: Requester, room: RoomNid) => Promise<void>,
  ): Promise<void> {
    const requester = this.#parts.actingAs({ nid: user, userId: await this.#parts.names.userId(user) });
    for (const room of rooms) {
      if (signal.aborted) return;
      try {
        await change(requester, room);
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.onRefusal(error);
      }
    }
  }
}
