import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { canonicalJson, parseUserId, type JsonObject } from '@myelin/protocol';
import { refuseSuspended, requireConsent, type Requester } from '../../http/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Appended, RoomHead, RoomStates, Timeline } from '../timeline/index.ts';
import { Elsewhere } from './elsewhere.ts';
import { actionOf, checkTransition, clientContent, type MemberAction } from './member-change.ts';
import { knowMember } from './known-members.ts';
import { MemberContents } from './member-contents.ts';
import type { MembershipLimits } from './membership-limits.ts';
import type { ProfileSource } from './profile-source.ts';
import type { RemoteRooms } from './remote-rooms.ts';
import { NobodyAuthorises, type RestrictedJoins } from './restricted-joins.ts';

export interface MembershipParts {
  readonly serverName: string;
  readonly database: Database;
  readonly names: Names;
  readonly timeline: Timeline;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly profiles: ProfileSource;
  readonly restrictedJoins: RestrictedJoins;
  readonly limits: MembershipLimits;
  readonly options: MembershipOptions;
}

export interface MembershipOptions {
  /** `allow_per_room_profiles` */
  readonly perRoomProfiles: boolean;
  /** `include_profile_data_on_invite` */
  readonly profileOnInvite: boolean;
  /** `block_non_admin_invites` */
  readonly onlyAdminsInvite: boolean;
}

/**
 * Looks at an invite before it is sent; throws to refuse it (spam checks, users who take none). `target` is undefined for
 * users whom the server never heard of.
 */
export type InviteCheck = (requester: Requester, target: UserNid | undefined) => Promise<void>;

/** Throws if the requester may not turn an invite to the room down. */
export type RejectionCheck = (requester: Requester, room: RoomNid) => Promise<void>;

/** Coming into rooms and going. Client-Server API §"Room membership". */
export class MembershipService {
  readonly #parts: MembershipParts;
  readonly #inviteChecks: InviteCheck[] = [];
  readonly #rejectionChecks: RejectionCheck[] = [];
  readonly #elsewhere: Elsewhere;
  readonly #contents: MemberContents;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.#contents = new MemberContents({ ...parts, profileOnInvite: parts.options.profileOnInvite });
    this.#elsewhere = new Elsewhere({ ...parts, perRoomProfiles: parts.options.perRoomProfiles });
  }

  /** From now on other servers can be reached. */
  useRemoteRooms(remote: RemoteRooms): void {
    this.#elsewhere.use(remote);
  }

  addInviteCheck(check: InviteCheck): void {
    this.#inviteChecks.push(check);
  }

  addRejectionCheck(check: RejectionCheck): void {
    this.#rejectionChecks.push(check);
  }

  /**
   * Joins a room, by another server if this one isn't in it. `more` goes into the event's content (`reason`, a name for
   * this room …); `servers` are said to be in the room.
   */
  async join(
    requester: Requester,
    roomId: string,
    more: JsonObject = {},
    servers: readonly string[] = [],
  ): Promise<void> {
    if (await this.#elsewhere.bring({ requester, roomId, action: 'join', more, servers })) return;
    const room = await this.#find(roomId);
    if (room === undefined) throw unknownRoom();
    try {
      await this.#change(requester, room, requester.userId, 'join', more);
    } catch (error) {
      if (!(error instanceof NobodyAuthorises)) throw error;
      if (!(await this.#elsewhere.authorised({ requester, roomId, more }, room))) throw error;
    }
  }

  /** Invites, puts out, bans or unbans a user. `signal`: who asked for it is gone. */
  async treat(
    requester: Requester,
    action: 'invite' | 'kick' | 'ban' | 'unban',
    { roomId, target }: { readonly roomId: string; readonly target: string },
    more: JsonObject = {},
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#change(requester, await this.#roomOf(roomId), target, action, more, signal);
  }

  async knock(
    requester: Requester,
    roomId: string,
    more: JsonObject = {},
    servers: readonly string[] = [],
  ): Promise<void> {
    if (await this.#elsewhere.bring({ requester, roomId, action: 'knock', more, servers })) return;
    const room = await this.#find(roomId);
    if (room === undefined) throw unknownRoom();
    await this.#change(requester, room, requester.userId, 'knock', more);
  }

  /** Leaves a room, or takes back a knock, or turns down an invite. Leaving twice changes nothing. */
  async leave(requester: Requester, roomId: string, more: JsonObject = {}): Promise<void> {
    if (await this.#elsewhere.bring({ requester, roomId, action: 'leave', more, servers: [] })) return;
    const room = await this.#find(roomId);
    if (room === undefined) throw new MatrixError('M_NOT_FOUND', 'Not a known room');
    await this.#change(requester, room, requester.userId, 'leave', more);
  }

  /** A membership event sent as state: PUT …/state/m.room.member/{userId}. Resolves to the event's id. */
  async setAsState(
    requester: Requester,
    roomId: string,
    target: string,
    content: JsonObject,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#change(requester, await this.#roomOf(roomId), target, actionOf(content), content, signal);
  }

  /** Takes a room off the user's lists; only after leaving. */
  async forget(requester: Requester, roomId: string): Promise<void> {
    // Rooms that this server isn't in are forgotten as well: invites that were turned down.
    const room = await this.#parts.names.findRoom(roomId);
    const member = room && (await this.#parts.members.get(room, requester.user));
    if (!member) return;
    if (member.membership !== 'leave' && member.membership !== 'ban')
      throw new MatrixError('M_UNKNOWN', 'You must leave the room before you forget it');
    await this.#parts.members.forget(member.room, requester.user);
  }

  /** Throws if one of the users can't be invited by the requester, whatever the room. For invites of `inviteIn`. */
  async checkInvitees(requester: Requester, targets: readonly string[]): Promise<void> {
    const { names, serverName, options } = this.#parts;
    if (targets.length > 0 && options.onlyAdminsInvite && !requester.isAdmin) {
      throw new MatrixError('M_FORBIDDEN', 'Invites have been disabled on this server');
    }
    for (const target of targets) {
      if (requireUserId(target) !== serverName && !this.#elsewhere.isReachable) {
        throw new MatrixError('M_UNKNOWN', "This server can't reach others: their users can't be invited", {
          status: 502,
        });
      }
      const user = await names.findUser(target);
      for (const check of this.#inviteChecks) await check(requester, user);
    }
  }

  /** Whether the user is of another server, which has to sign invites of them: `inviteIn` can't invite them. */
  isElsewhere(target: string): boolean {
    return requireUserId(target) !== this.#parts.serverName;
  }

  /** Invites a user of another server, after `checkInvitees`. Resolves to the event's id. */
  async inviteElsewhere(requester: Requester, room: RoomNid, target: string, more: JsonObject = {}): Promise<string> {
    const { timeline, states, database } = this.#parts;
    const head = await timeline.head(room);
    if ((await states.membership(head.state, requester.user)) !== 'join') throw notIn();
    const current = await states.get(head.state, 'm.room.member', target);
    checkTransition('invite', current?.content);
    const content = await database.transact((writer) => this.#contents.of(requester, target, 'invite', more, writer));
    const isSame = current?.sender === requester.userId && current.contentText === canonicalJson(content, 'lenient');
    if (current && isSame) return current.eventId;
    return this.#elsewhere.invite(requester, room, target, content);
  }

  /** Invites inside a transaction of the room, after `checkInvitees`; resolves to the head after it. */
  async inviteIn(
    writer: Writer,
    head: RoomHead,
    requester: Requester,
    target: string,
    more: JsonObject = {},
  ): Promise<RoomHead> {
    const content = await this.#contents.of(requester, target, 'invite', more, writer);
    return (await this.#append(writer, head, requester, target, content)).head;
  }

  /** Brings a user's name and picture into a room that they are in. */
  async updateProfileIn(requester: Requester, room: RoomNid): Promise<void> {
    await this.#parts.timeline.write(room, async (writer, head) => {
      const member = await this.#parts.states.member(head.state, requester.user, writer);
      if (member?.content['membership'] !== 'join') return;
      const {
        displayname,
        avatar_url: picture,
        join_authorised_via_users_server: _via,
        reason: _reason,
        ...rest
      } = member.content;
      const profile = await this.#parts.profiles.memberProfile(requester.user);
      if (profile.displayname === displayname && profile.avatar_url === picture) return;
      await this.#append(writer, head, requester, requester.userId, { ...rest, ...profile });
    });
  }

  async #change(
    requester: Requester,
    room: RoomNid,
    target: string,
    action: MemberAction,
    more: JsonObject = {},
    signal?: AbortSignal,
  ): Promise<string> {
    const { timeline, states, members, limits, options } = this.#parts;
    requireUserId(target);
    const isOwn = target === requester.userId;
    if (!isOwn || action !== 'leave') {
      refuseSuspended(requester);
      requireConsent(requester);
    }
    const given = clientContent(more, options.perRoomProfiles);
    if (action === 'invite') {
      limits.invite(requester, room, target);
      await this.checkInvitees(requester, [target]);
    }
    if (!isOwn && this.isElsewhere(target)) await knowMember(this.#parts, requester.user, room, target, signal);
    if (action === 'invite' && this.isElsewhere(target)) return this.inviteElsewhere(requester, room, target, given);
    if (action === 'join' && !(await members.isJoined(room, requester.user))) limits.join(requester, room);
    return timeline.write(room, async (writer, head) => {
      // Who isn't in the room learns nothing of who is.
      if (!isOwn && (await states.membership(head.state, requester.user, writer)) !== 'join') throw notIn();
      const current = await states.get(head.state, 'm.room.member', target, writer);
      if (action === 'leave' && isOwn && current?.content['membership'] === 'leave') return current.eventId;
      checkTransition(action, current?.content);
      if (action === 'leave' && isOwn && current?.content['membership'] === 'invite')
        for (const check of this.#rejectionChecks) await check(requester, room);
      const content = await this.#contents.of(requester, target, action, given, writer);
      if (action === 'join') {
        if (requester.isGuest) await this.#contents.requireGuestAccess(head, writer);
        if (isOwn) Object.assign(content, await this.#contents.authorisation(head, requester, current, writer));
      }
      return (await this.#append(writer, head, requester, target, content)).event.eventId;
    });
  }

  #append(
    writer: Writer,
    head: RoomHead,
    requester: Requester,
    target: string,
    content: JsonObject,
  ): Promise<Appended> {
    return this.#parts.timeline.appendIn(writer, head, {
      type: 'm.room.member',
      stateKey: target,
      content,
      sender: requester.userId,
      senderNid: requester.user,
    });
  }

  /** A room in which something is to be changed: whether it isn't known or just not theirs is the same to the requester. */
  async #roomOf(roomId: string): Promise<RoomNid> {
    const room = await this.#find(roomId);
    if (room === undefined) throw notIn();
    return room;
  }

  async #find(roomId: string): Promise<RoomNid | undefined> {
    const { names, timeline } = this.#parts;
    const room = await names.findRoom(roomId);
    return room !== undefined && (await timeline.isKnown(room)) ? room : undefined;
  }
}

function unknownRoom(): MatrixError {
  return new MatrixError('M_NOT_FOUND', "This server doesn't know the room");
}

function notIn(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'You are not in this room');
}

/** The server of a user id. Throws M_INVALID_PARAM. */
function requireUserId(userId: string): string {
  const parsed = parseUserId(userId);
  if (!parsed) throw new MatrixError('M_INVALID_PARAM', 'That is not a valid user id');
  return parsed.serverName;
}
