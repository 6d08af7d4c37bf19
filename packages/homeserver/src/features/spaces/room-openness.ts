import type { InvitedRooms } from '../invited-rooms/index.ts';
import type { RestrictedJoins } from '../membership/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { RoomHead, RoomStates } from '../timeline/index.ts';
import type { RoomFacts } from './room-facts.ts';

export interface RoomOpennessParts {
  readonly names: Names;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly servers: RoomServers;
  readonly restrictedJoins: RestrictedJoins;
  readonly invitedRooms: InvitedRooms;
}

/** Who may know of a room: those who are in it, who can come into it, and all if everybody may read it. */
export class RoomOpenness {
  readonly #parts: RoomOpennessParts;

  constructor(parts: RoomOpennessParts) {
    this.#parts = parts;
  }

  /** `user` is undefined for who isn't logged in. */
  async isOpenToUser(head: RoomHead, user: UserNid | undefined): Promise<boolean> {
    if (await this.#isOpenToAll(head)) return true;
    if (user === undefined) return false;
    const { members, restrictedJoins } = this.#parts;
    const membership = (await members.get(head.room, user))?.membership;
    if (membership === 'join' || membership === 'invite') return true;
    const allowed = await restrictedJoins.allowedRooms(head);
    return allowed !== undefined && (await restrictedJoins.isInOneOf(user, allowed));
  }

  /** Whether some user of another server may know of the room: which of them, that server has to look after. */
  async isOpenToServer(head: RoomHead, server: string): Promise<boolean> {
    const { servers, restrictedJoins, names } = this.#parts;
    if ((await this.#isOpenToAll(head)) || (await servers.isInRoom(head.room, server))) return true;
    for (const roomId of (await restrictedJoins.allowedRooms(head)) ?? []) {
      const room = await names.findRoom(roomId);
      if (room !== undefined && (await servers.isInRoom(room, server))) return true;
    }
    return this.#hasInvited(head, server);
  }

  /** A room of which another server tells, by what it tells. */
  async isRemoteOpenToUser(facts: RoomFacts, user: UserNid | undefined): Promise<boolean> {
    if (['public', 'knock', 'knock_restricted'].includes(facts.join_rule) || facts.world_readable) return true;
    if (user === undefined) return false;
    const { restrictedJoins, names, invitedRooms } = this.#parts;
    if (await restrictedJoins.isInOneOf(user, facts.allowed_room_ids ?? [])) return true;
    const room = await names.findRoom(facts.room_id);
    return room !== undefined && (await invitedRooms.find(room, user)) !== undefined;
  }

  async #isOpenToAll({ state, version }: RoomHead): Promise<boolean> {
    const { states } = this.#parts;
    const rule = (await states.get(state, 'm.room.join_rules', ''))?.content['join_rule'];
    if (rule === 'public' || (rule === 'knock' && version.knock)) return true;
    if (rule === 'knock_restricted' && version.knockRestricted) return true;
    const visibility = (await states.get(state, 'm.room.history_visibility', ''))?.content['history_visibility'];
    return visibility === 'world_readable';
  }

  async #hasInvited({ room }: RoomHead, server: string): Promise<boolean> {
    const { members, names } = this.#parts;
    const invited = (await members.ofRoom(room)).filter((member) => member.membership === 'invite');
    const userIds = await names.userIds(invited.map((member) => member.user));
    return [...userIds.values()].some((userId) => userId.endsWith(`:${server}`));
  }
}
