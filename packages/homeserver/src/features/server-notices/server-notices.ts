import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { parseUserId, type JsonObject } from '@myelin/protocol';
import type { ServerNoticesConfig } from '../../config/index.ts';
import { limitExceeded, type Requester } from '../../http/index.ts';
import { KeyedSlots } from '../../queues/index.ts';
import type { Tags } from '../account-data/index.ts';
import { actingAs, type Accounts, type KnownUser } from '../accounts/index.ts';
import type { MembershipService } from '../membership/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { Profiles } from '../profiles/index.ts';
import type { RoomEvents } from '../room-events/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomCreator } from '../rooms/index.ts';
import type { NoticeRooms } from './notice-rooms.ts';

export interface ServerNoticesParts {
  readonly database: Database;
  readonly serverName: string;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly members: RoomMembers;
  readonly membership: MembershipService;
  readonly creator: RoomCreator;
  readonly roomEvents: RoomEvents;
  readonly tags: Tags;
  readonly rooms: NoticeRooms;
  /** Undefined: there are no notices. */
  readonly config: ServerNoticesConfig | undefined;
}

export interface Notice {
  readonly type: string;
  /** Undefined: a message. */
  readonly stateKey: string | undefined;
  readonly content: JsonObject;
}

const tag = 'm.server_notice';
/** So many notices of a user wait. */
const mostWaiting = 1_000;

/** What the server itself has to say to its users, each in a room of their own. Client-Server API §"Server Notices". */
export class ServerNotices {
  readonly #parts: ServerNoticesParts;
  /** A user's notices are sent one after another, so that they get one room. */
  readonly #queues = new KeyedSlots({ atOnce: 1, mostWaiting, refusal: () => limitExceeded(5_000) });

  constructor(parts: ServerNoticesParts) {
    this.#parts = parts;
  }

  /** Resolves to the event's id. Throws M_NOT_FOUND for a user who has no account. */
  async send(userId: string, notice: Notice, transactionId?: string): Promise<string> {
    const { config, serverName, names, accounts } = this.#parts;
    if (!config) throw new MatrixError('M_UNKNOWN', 'Server notices are not enabled on this server', { status: 400 });
    if (parseUserId(userId)?.serverName !== serverName)
      throw new MatrixError('M_INVALID_PARAM', 'Server notices can only be sent to local users');
    const nid = await names.findUser(userId);
    const account = nid === undefined ? undefined : await accounts.find(nid);
    if (nid === undefined || !account || account.deactivated) throw new MatrixError('M_NOT_FOUND', 'User not found');
    return this.#queues.run(userId, () => this.#send({ nid, userId }, config, notice, transactionId));
  }

  /** Nobody invites the user who sends notices, nor takes their name. */
  isSystemUser(userId: string): boolean {
    const { config, serverName } = this.#parts;
    return config !== undefined && userId === `@${config.localpart}:${serverName}`;
  }

  /** Invitations to these rooms can't be refused; once they are read, the room may be left. */
  async checkRejection(requester: Requester, room: RoomNid): Promise<void> {
    // What the server does for a user who goes for ever.
    if (requester.token === 0 || !(await this.#parts.rooms.isOne(room))) return;
    throw new MatrixError('M_CANNOT_LEAVE_SERVER_NOTICE_ROOM', 'You cannot reject this invite');
  }

  async #send(user: KnownUser, config: ServerNoticesConfig, notice: Notice, transactionId?: string): Promise<string> {
    const { names, roomEvents } = this.#parts;
    const system = actingAs(await this.#systemUser(config));
    const room = await this.#room(user, system, config);
    const roomId = await names.roomId(room);
    await this.#bringIn(user, system, config, room, roomId);
    const { type, stateKey, content } = notice;
    if (stateKey !== undefined) return roomEvents.sendState(system, roomId, type, stateKey, content);
    return roomEvents.sendMessage(system, roomId, type, content, transactionId);
  }

  /** The user has no account: nobody can log in as them. */
  async #systemUser({ localpart, displayName, avatarUrl }: ServerNoticesConfig): Promise<KnownUser> {
    const { database, names, profiles, serverName } = this.#parts;
    const userId = `@${localpart}:${serverName}`;
    const known = await names.findUser(userId);
    const profile = known === undefined ? {} : await profiles.memberProfile(known);
    if (known !== undefined && profile.displayname === displayName && profile.avatar_url === avatarUrl)
      return { nid: known, userId };
    const nid = await database.transact(async (writer) => {
      const user = await names.user(writer, userId);
      await profiles.set(writer, user, 'displayname', displayName);
      await profiles.set(writer, user, 'avatar_url', avatarUrl);
      return user;
    });
    return { nid, userId };
  }

  async #room(user: KnownUser, system: Requester, config: ServerNoticesConfig): Promise<RoomNid> {
    const { database, names, members, creator, rooms } = this.#parts;
    const existing = await rooms.of(user.nid);
    if (existing !== undefined && (await members.isJoined(existing, system.user))) return existing;
    const { roomName, roomTopic, roomAvatarUrl } = config;
    const roomId = await creator.create(system, {
      preset: 'private_chat',
      // Users read here, and don't answer.
      power_level_content_override: { users_default: -10 },
      ...(roomName === undefined ? {} : { name: roomName }),
      ...(roomTopic === undefined ? {} : { topic: roomTopic }),
      ...(roomAvatarUrl === undefined
        ? {}
        : { initial_state: [{ type: 'm.room.avatar', content: { url: roomAvatarUrl } }] }),
    });
    const room = (await names.findRoom(roomId)) as RoomNid;
    await database.transact((writer) => rooms.set(writer, user.nid, room));
    return room;
  }

  async #bringIn(
    user: KnownUser,
    system: Requester,
    config: ServerNoticesConfig,
    room: RoomNid,
    roomId: string,
  ): Promise<void> {
    const { members, membership, tags } = this.#parts;
    const state = (await members.get(room, user.nid))?.membership;
    if (state === 'join' || (state === 'invite' && !config.autoJoin)) return;
    if (state !== 'invite') await membership.treat(system, 'invite', { roomId, target: user.userId });
    await tags.set(user.nid, roomId, tag, {});
    if (config.autoJoin) await membership.join(actingAs(user), roomId);
  }
}

/** Whom nobody may invite. */
export function noticeInviteCheck(notices: ServerNotices, names: Names) {
  return async (_requester: Requester, target: UserNid | undefined): Promise<void> => {
    if (target !== undefined && notices.isSystemUser(await names.userId(target)))
      throw new MatrixError('M_FORBIDDEN', 'Cannot invite this user');
  };
}
