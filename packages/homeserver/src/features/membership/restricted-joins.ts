import { MatrixError } from '@myelin/api';
import type { Reader } from '@myelin/database';
import { isJsonObject, roomCreators } from '@myelin/protocol';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { AuthStates, RoomHead, RoomStates } from '../timeline/index.ts';

/** Most rooms of an `allow` list that are looked at. */
const mostAllowedRooms = 100;
/** So many members are looked at at once for one of this server who may invite, where anybody may. */
const membersAtOnce = 1_000;

/** Who wants to join belongs to a room that lets them in, but nobody of this server may say so. */
export class NobodyAuthorises extends MatrixError {
  constructor() {
    super('M_FORBIDDEN', 'No member of this server may let you in');
  }
}

/** Joining by being in another room. Client-Server API §"Restricted rooms", Room Versions 8 and 10. */
export class RestrictedJoins {
  readonly #names: Names;
  readonly #members: RoomMembers;
  readonly #states: RoomStates;
  readonly #authStates: AuthStates;
  readonly #serverName: string;

  constructor(names: Names, members: RoomMembers, states: RoomStates, authStates: AuthStates, serverName: string) {
    this.#names = names;
    this.#members = members;
    this.#states = states;
    this.#authStates = authStates;
    this.#serverName = serverName;
  }

  /** Rooms of whose members the room lets in; undefined if its join rule isn't a restricted one. */
  async allowedRooms(head: Pick<RoomHead, 'version' | 'state'>, reader?: Reader): Promise<string[] | undefined> {
    if (!head.version.restrictedJoins) return undefined;
    const rules = (await this.#states.get(head.state, 'm.room.join_rules', '', reader))?.content;
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
  async authoriser(head: RoomHead, reader: Reader): Promise<string | undefined> {
    const levels = await this.#authStates.levels(head, reader);
    for (const userId of await this.#namedInLevels(head, reader)) {
      if (!userId.endsWith(`:${this.#serverName}`) || !levels.canInvite(userId)) continue;
      const user = await this.#names.findUser(userId, reader);
      if (user !== undefined && (await this.#states.membership(head.state, user, reader)) === 'join') return userId;
    }
    // Nobody who is named can, so those who aren't named can all, or none.
    if (!levels.canInvite(`@:${this.#serverName}`)) return undefined;
    const members = [...(await this.#members.joinedUsers(head.room))];
    for (let at = 0; at < members.length; at += membersAtOnce) {
      const userIds = await this.#names.userIds(members.slice(at, at + membersAtOnce));
      for (const userId of userIds.values())
        if (userId.endsWith(`:${this.#serverName}`) && levels.canInvite(userId)) return userId;
    }
    return undefined;
  }

  /** Creators first: they can do most. */
  async #namedInLevels(head: RoomHead, reader: Reader): Promise<string[]> {
    const create = await this.#states.get(head.state, 'm.room.create', '', reader);
    const users = (await this.#states.get(head.state, 'm.room.power_levels', '', reader))?.content['users'];
    const creators = create ? roomCreators(create.pdu, head.version).userIds : [];
    return [...creators, ...(isJsonObject(users) ? Object.keys(users) : [])];
  }
}
