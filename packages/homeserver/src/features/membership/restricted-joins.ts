import type { Writer } from '@myelin/database';
import { isJsonObject } from '@myelin/protocol';
import type { Accounts } from '../accounts/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { AuthStates, RoomHead, RoomStates } from '../timeline/index.ts';

/** Most rooms of an `allow` list that are looked at. */
const mostAllowedRooms = 100;

/** Joining by being in another room. Client-Server API §"Restricted rooms", Room Versions 8 and 10. */
export class RestrictedJoins {
  readonly #names: Names;
  readonly #members: RoomMembers;
  readonly #states: RoomStates;
  readonly #authStates: AuthStates;
  readonly #accounts: Accounts;

  constructor(names: Names, members: RoomMembers, states: RoomStates, authStates: AuthStates, accounts: Accounts) {
    this.#names = names;
    this.#members = members;
    this.#states = states;
    this.#authStates = authStates;
    this.#accounts = accounts;
  }

  /** Rooms of whose members the room lets in; undefined if its join rule isn't a restricted one. */
  async allowedRooms(head: Pick<RoomHead, 'version' | 'state'>, writer?: Writer): Promise<string[] | undefined> {
    if (!head.version.restrictedJoins) return undefined;
    const rules = (await this.#states.get(head.state, 'm.room.join_rules', '', writer))?.content;
    const rule = rules?.['join_rule'];
    if (rule !== 'restricted' && !(rule === 'knock_restricted' && head.version.knockRestricted)) return undefined;
    const allow = rules?.['allow'];
    if (!Array.isArray(allow)) return [];
    const rooms: string[] = [];
    for (const entry of allow.slice(0, mostAllowedRooms)) {
      if (isJsonObject(entry) && entry['type'] === 'm.room_membership' && typeof entry['room_id'] === 'string')
        rooms.push(entry['room_id']);
    }
    return rooms;
  }

  /** Whether the user is in one of the rooms. */
  async isInOneOf(user: UserNid, roomIds: readonly string[]): Promise<boolean> {
    for (const roomId of roomIds) {
      const room = await this.#names.findRoom(roomId);
      if (room !== undefined && (await this.#members.isJoined(room, user))) return true;
    }
    return false;
  }

  /** A member of this server who may invite, in whose name a restricted join is authorised. */
  async authoriser(head: RoomHead): Promise<string | undefined> {
    const levels = await this.#authStates.levels(head);
    let checked = 0;
    for (const user of await this.#members.joinedUsers(head.room)) {
      if (++checked > 10_000) return undefined;
      const userId = await this.#names.userId(user);
      if (levels.canInvite(userId) && (await this.#accounts.isLocal(user))) return userId;
    }
    return undefined;
  }
}
