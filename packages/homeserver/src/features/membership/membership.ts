import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import { parseUserId, type JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import type { RoomHead, RoomStates, Timeline } from '../timeline/index.ts';
import type { MembershipLimits } from './membership-limits.ts';
import type { ProfileSource } from './profile-source.ts';
import type { RestrictedJoins } from './restricted-joins.ts';

export interface MembershipParts {
  readonly names: Names;
  readonly timeline: Timeline;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly access: RoomAccess;
  readonly profiles: ProfileSource;
  readonly restrictedJoins: RestrictedJoins;
  readonly limits: MembershipLimits;
}

/** Looks at an invite before it is sent; throws to refuse it (spam checks, users who take none). */
export type InviteCheck = (requester: Requester, target: UserNid, room: RoomNid) => Promise<void>;

type Action = 'join' | 'invite' | 'knock' | 'leave' | 'kick' | 'ban' | 'unban';

/** Coming into rooms and going. Client-Server API §"Room membership". */
export class MembershipService {
  readonly #parts: MembershipParts;
  readonly #inviteChecks: InviteCheck[] = [];

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  addInviteCheck(check: InviteCheck): void {
    this.#inviteChecks.push(check);
  }

  /** Joins a room of this server. `more` goes into the event's content (`reason`). */
  async join(requester: Requester, roomId: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    const current = await this.#parts.members.get(room, requester.user);
    if (current?.membership !== 'join') this.#parts.limits.join(requester, room);
    await this.#parts.timeline.write(room, async (writer, head) => {
      if (requester.isGuest) await this.#requireGuestAccess(head, writer);
      const content: JsonObject = { ...more, ...(await this.#parts.profiles.memberProfile(requester.user)), membership: 'join' };
      const authoriser = await this.#authoriser(head, requester, writer);
      if (authoriser !== undefined) content['join_authorised_via_users_server'] = authoriser;
      await this.#append(writer, head, requester, requester.userId, content);
    });
  }

  async invite(requester: Requester, roomId: string, target: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    const parsed = requireUserId(target);
    this.#parts.limits.invite(requester, room, parsed);
    const targetNid = await this.#parts.names.findUser(target);
    if (targetNid !== undefined) for (const check of this.#inviteChecks) await check(requester, targetNid, room);
    await this.#parts.timeline.write(room, async (writer, head) => {
      await this.inviteIn(writer, head, requester, target, more);
    });
  }

  /** Invites inside a transaction of the room; resolves to the head after it. */
  async inviteIn(writer: Writer, head: RoomHead, requester: Requester, target: string, more: JsonObject = {}): Promise<RoomHead> {
    const user = await this.#parts.names.user(writer, target);
    const content: JsonObject = { ...more, ...(await this.#parts.profiles.memberProfile(user)), membership: 'invite' };
    return this.#append(writer, head, requester, target, content);
  }

  async knock(requester: Requester, roomId: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    await this.#parts.timeline.write(room, async (writer, head) => {
      const content: JsonObject = { ...more, ...(await this.#parts.profiles.memberProfile(requester.user)), membership: 'knock' };
      await this.#append(writer, head, requester, requester.userId, content);
    });
  }

  async leave(requester: Requester, roomId: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    await this.#change(requester, room, requester.userId, 'leave', more);
  }

  async kick(requester: Requester, roomId: string, target: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    await this.#change(requester, room, requireUserId(target), 'kick', more);
  }

  async ban(requester: Requester, roomId: string, target: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    await this.#change(requester, room, requireUserId(target), 'ban', more);
  }

  async unban(requester: Requester, roomId: string, target: string, more: JsonObject = {}): Promise<void> {
    const room = await this.#knownRoom(roomId);
    await this.#change(requester, room, requireUserId(target), 'unban', more);
  }

  /** A membership event sent as state: PUT …/state/m.room.member/{userId}. Resolves to the event's id. */
  async setAsState(requester: Requester, roomId: string, target: string, content: JsonObject): Promise<string> {
    const room = await this.#knownRoom(roomId);
    requireUserId(target);
    const { membership } = content;
    if (membership === 'invite') this.#parts.limits.invite(requester, room, target);
    const event = await this.#parts.timeline.write(room, async (writer, head) => {
      const full: JsonObject = { ...content };
      if (membership === 'join' && target === requester.userId) {
        const profile = await this.#parts.profiles.memberProfile(requester.user);
        for (const [key, value] of Object.entries(profile)) if (!(key in full)) full[key] = value;
        const authoriser = await this.#authoriser(head, requester, writer);
        if (authoriser !== undefined) full['join_authorised_via_users_server'] = authoriser;
      }
      return (await this.#appendEvent(writer, head, requester, target, full)).event;
    });
    return event.eventId;
  }

  /** Takes a room off the user's lists; only after leaving. */
  async forget(requester: Requester, roomId: string): Promise<void> {
    const room = await this.#knownRoom(roomId);
    const member = await this.#parts.members.get(room, requester.user);
    if (member && member.membership !== 'leave' && member.membership !== 'ban') {
      throw new MatrixError('M_UNKNOWN', 'You must leave the room before you forget it');
    }
    if (member) await this.#parts.members.forget(room, requester.user);
  }

  /** Brings a user's name and picture into a room that they are in, if the room has others. */
  async updateProfileIn(requester: Requester, room: RoomNid): Promise<void> {
    await this.#parts.timeline.write(room, async (writer, head) => {
      const member = await this.#parts.states.member(head.state, requester.user, writer);
      if (member?.content['membership'] !== 'join') return;
      const { displayname, avatar_url: picture, join_authorised_via_users_server: _via, reason: _reason, ...rest } = member.content;
      const profile = await this.#parts.profiles.memberProfile(requester.user);
      if (profile.displayname === displayname && profile.avatar_url === picture) return;
      await this.#append(writer, head, requester, requester.userId, { ...rest, ...profile });
    });
  }

  async #change(requester: Requester, room: RoomNid, target: string, action: Action, more: JsonObject): Promise<void> {
    await this.#parts.timeline.write(room, async (writer, head) => {
      const current = await this.#parts.states.get(head.state, 'm.room.member', target, writer);
      const membership = current?.content['membership'];
      if (action === 'unban' && membership !== 'ban') throw new MatrixError('M_FORBIDDEN', 'The user is not banned');
      if (action === 'kick' && membership === 'ban') throw new MatrixError('M_FORBIDDEN', 'The user is banned; unban them instead');
      if (action === 'kick' && (membership === undefined || membership === 'leave')) {
        throw new MatrixError('M_FORBIDDEN', 'The target user is not in the room');
      }
      // Leaving twice changes nothing.
      if (action === 'leave' && membership === 'leave') return;
      const content: JsonObject = { ...more, membership: action === 'ban' ? 'ban' : 'leave' };
      await this.#append(writer, head, requester, target, content);
    });
  }

  async #append(writer: Writer, head: RoomHead, requester: Requester, target: string, content: JsonObject): Promise<RoomHead> {
    return (await this.#appendEvent(writer, head, requester, target, content)).head;
  }

  async #appendEvent(
    writer: Writer,
    head: RoomHead,
    requester: Requester,
    target: string,
    content: JsonObject,
  ): Promise<{ event: StoredEvent; head: RoomHead }> {
    return this.#parts.timeline.appendIn(writer, head, {
      type: 'm.room.member',
      stateKey: target,
      content,
      sender: requester.userId,
      senderNid: requester.user,
    });
  }

  /** For a restricted room: in whose name the join is authorised; refuses those who aren't in an allowed room. */
  async #authoriser(head: RoomHead, requester: Requester, writer: Writer): Promise<string | undefined> {
    const { restrictedJoins, states } = this.#parts;
    const allowed = await restrictedJoins.allowedRooms(head, writer);
    if (!allowed) return undefined;
    const membership = await states.membership(head.state, requester.user, writer);
    if (membership === 'join' || membership === 'invite') return undefined;
    if (!(await restrictedJoins.isInOneOf(requester.user, allowed))) {
      throw new MatrixError('M_FORBIDDEN', 'You do not belong to any of the rooms or spaces that give access to this room');
    }
    const authoriser = await restrictedJoins.authoriser(head);
    if (authoriser === undefined) throw new MatrixError('M_FORBIDDEN', 'No member of this server may let you in');
    return authoriser;
  }

  async #requireGuestAccess(head: RoomHead, writer: Writer): Promise<void> {
    const access = await this.#parts.states.get(head.state, 'm.room.guest_access', '', writer);
    if (access?.content['guest_access'] !== 'can_join') throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed', { status: 401 });
  }

  /** Rooms of other servers aren't reachable yet: there is no federation. */
  async #knownRoom(roomId: string): Promise<RoomNid> {
    const room = await this.#parts.names.findRoom(roomId);
    if (room === undefined) throw new MatrixError('M_NOT_FOUND', "This server doesn't know the room, and can't reach other servers yet");
    await this.#parts.timeline.head(room);
    return room;
  }
}

function requireUserId(userId: string): string {
  if (!parseUserId(userId)) throw new MatrixError('M_INVALID_PARAM', 'That is not a valid user id');
  return userId;
}
