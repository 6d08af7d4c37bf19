import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import type { Requester } from '../../http/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMember, RoomMembers } from '../room-members/index.ts';
import type { RoomHead, RoomHeads, RoomStates } from '../timeline/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { Viewer } from '../visibility/index.ts';

/** So many changes of a membership are looked back upon at most. */
const mostChanges = 100;

/** Up to where a user may read a room. */
export interface ReadAccess {
  readonly room: RoomNid;
  readonly head: RoomHead;
  readonly member: RoomMember | undefined;
  /** The state that the user sees as the room's: the current one, or the one when they left. */
  readonly state: StateRoot;
  /** The user is not (and was not) in the room; it is world-readable. */
  readonly isPeeking: boolean;
  /** For users who have left: the position of their leave; events after it aren't theirs. */
  readonly until: number | undefined;
}

/** Who may look at which room. The answers for rooms that don't exist and rooms one isn't in are alike. */
export class RoomAccess {
  readonly #names: Names;
  readonly #heads: RoomHeads;
  readonly #members: RoomMembers;
  readonly #states: RoomStates;

  constructor(names: Names, heads: RoomHeads, members: RoomMembers, states: RoomStates) {
    this.#names = names;
    this.#heads = heads;
    this.#members = members;
    this.#states = states;
  }

  /** A room that this server knows. */
  async knownRoom(roomId: string): Promise<RoomNid> {
    const room = await this.#names.findRoom(roomId);
    if (room === undefined || !(await this.#heads.find(room))) throw notInRoom();
    return room;
  }

  /** The same for who wants to send something: M_FORBIDDEN, whether the room isn't known or just not theirs. */
  async roomForSending(roomId: string): Promise<RoomNid> {
    const room = await this.#names.findRoom(roomId);
    if (room === undefined || !(await this.#heads.find(room))) throw notMember();
    return room;
  }

  /** Throws M_FORBIDDEN for users who aren't in the room as it stands. */
  async requireMember(head: RoomHead, requester: Requester, writer: Writer): Promise<void> {
    if ((await this.#states.membership(head.state, requester.user, writer)) !== 'join') throw notMember();
  }

  async requireJoined(roomId: string, requester: Requester): Promise<{ room: RoomNid; head: RoomHead }> {
    const room = await this.knownRoom(roomId);
    if (!(await this.#members.isJoined(room, requester.user))) throw notInRoom();
    return { room, head: (await this.#heads.find(room)) as RoomHead };
  }

  /**
   * What a user may read of a room: members see the present, those who left (and haven't forgotten the room) what was,
   * everybody what is world-readable. Throws M_FORBIDDEN otherwise.
   */
  async read(roomId: string, user: UserNid): Promise<ReadAccess> {
    const room = await this.knownRoom(roomId);
    const head = (await this.#heads.find(room)) as RoomHead;
    const member = await this.#members.get(room, user);
    if (member?.membership === 'join')
      return { room, head, member, state: head.state, isPeeking: false, until: undefined };
    const left = member && !member.forgotten ? await this.#leaving(member) : undefined;
    if (left) return { room, head, member, state: left.fields.stateAfter, isPeeking: false, until: left.position };
    const visibility = (await this.#states.get(head.state, 'm.room.history_visibility', ''))?.content[
      'history_visibility'
    ];
    if (visibility === 'world_readable')
      return { room, head, member, state: head.state, isPeeking: true, until: undefined };
    throw notInRoom();
  }

  /** How a user looks at a room's events, whether or not they may read it now. */
  async viewer(room: RoomNid, user: UserNid, ignored: ReadonlySet<UserNid>): Promise<Viewer> {
    const member = await this.#members.get(room, user);
    if (member?.membership === 'join') return { user, isJoined: true, ignored };
    const left = member && !member.forgotten ? await this.#leaving(member) : undefined;
    return { user, isJoined: false, leftAt: left?.position, ignored };
  }

  /**
   * The event by which somebody who isn't in the room any more left it. What happened to them since (they were banned,
   * invited again …) neither takes away nor adds to what they saw then. Undefined: they were never in.
   */
  async #leaving(member: RoomMember): Promise<StoredEvent | undefined> {
    let event = await this.#states.eventOf(member.event);
    for (let change = 0; change < mostChanges; change++) {
      const before = await this.#states.member(event.fields.stateBefore, member.user);
      if (!before) return undefined;
      if (before.content['membership'] === 'join') return event;
      event = before;
    }
    return undefined;
  }
}

function notMember(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'You are not in this room');
}

export function notInRoom(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'You are not in this room, and it may not be previewed');
}
