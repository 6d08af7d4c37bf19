import type { Writer } from '@myelin/database';
import type { Timers } from '@myelin/runtime';
import type { AutoJoinConfig } from '../../config/index.ts';
import type { Requester } from '../../http/index.ts';
import { actingAs, type Accounts, type KnownUser, type UserJobs } from '../accounts/index.ts';
import type { Aliases } from '../directory/index.ts';
import type { MembershipService } from '../membership/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomCreator } from '../rooms/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';
import type { Welcome } from './registration.ts';

export interface AutoJoinParts {
  readonly config: AutoJoinConfig;
  readonly serverName: string;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly members: RoomMembers;
  readonly aliases: Aliases;
  readonly membership: MembershipService;
  readonly rooms: RoomCreator;
  readonly heads: RoomHeads;
  readonly states: RoomStates;
  readonly jobs: UserJobs;
  readonly timers: Timers;
  /** That somebody couldn't be brought into a room doesn't keep them from registering. */
  readonly onFailure: (alias: string, error: unknown) => void;
}

const kind = 'auto-join';
/** How long a registration waits for it, in milliseconds. */
const longestWait = 10_000;

/** Brings new users into the rooms that the administrator has named (`auto_join_rooms`); the first of them makes the rooms. */
export class AutoJoin implements Welcome {
  readonly #parts: AutoJoinParts;
  /** Of users who wait for it. */
  readonly #tried = new Map<UserNid, Promise<void>>();

  constructor(parts: AutoJoinParts) {
    this.#parts = parts;
    parts.jobs.define(kind, (user, signal) => this.#welcome(user, signal));
  }

  async wish(writer: Writer, user: UserNid, isGuest: boolean): Promise<void> {
    const { config, jobs } = this.#parts;
    if (config.rooms.length === 0 || (isGuest && !config.forGuests)) return;
    await jobs.add(writer, kind, user);
    writer.onDurable(() => this.#tried.set(user, jobs.whenTried(kind, user)));
  }

  async done(user: UserNid): Promise<void> {
    const tried = this.#tried.get(user);
    if (!tried) return;
    this.#tried.delete(user);
    await Promise.race([tried, this.#parts.timers.sleep(longestWait)]);
  }

  async #welcome(nid: UserNid, signal: AbortSignal): Promise<void> {
    const { config, names, onFailure } = this.#parts;
    const user = { nid, userId: await names.userId(nid) };
    for (const alias of config.rooms) {
      if (signal.aborted) return;
      try {
        await this.#bringIn(user, alias);
      } catch (error) {
        onFailure(alias, error);
      }
    }
  }

  async #bringIn(user: KnownUser, alias: string): Promise<void> {
    const { config, accounts, aliases, names, members, membership } = this.#parts;
    const found = await aliases.find(alias);
    if (!found) {
      const mayCreate = config.autocreate && aliases.isLocal(alias) && (await accounts.firstPerson()) === user.nid;
      if (!mayCreate) throw new Error('there is no such room');
      return this.#create(user, alias);
    }
    if (await members.isJoined(found.room, user.nid)) return;
    const roomId = await names.roomId(found.room);
    if (!(await this.#isPublic(found.room))) {
      const host = await this.#host();
      if (!host) throw new Error('the room is not public, and auto_join_mxid_localpart names nobody to invite');
      await membership.treat(host, 'invite', { roomId, target: user.userId });
    }
    await membership.join(actingAs(user), roomId);
  }

  async #create(user: KnownUser, alias: string): Promise<void> {
    const { config, rooms, membership } = this.#parts;
    const host = await this.#host();
    const needsInvite = config.preset !== 'public_chat';
    const roomId = await rooms.create(host ?? actingAs(user), {
      preset: config.preset,
      room_alias_name: alias.slice(1, alias.indexOf(':')),
      ...(!config.autocreateFederated && { creation_content: { 'm.federate': false } }),
      ...(host && needsInvite && { invite: [user.userId] }),
    });
    if (host && host.userId !== user.userId) await membership.join(actingAs(user), roomId);
  }

  /** Who makes and invites to the rooms, if somebody is named for it. */
  async #host(): Promise<Requester | undefined> {
    const { config, names, serverName } = this.#parts;
    if (config.localpart === undefined) return undefined;
    const userId = `@${config.localpart}:${serverName}`;
    const nid = await names.findUser(userId);
    if (nid === undefined) throw new Error('the user of auto_join_mxid_localpart has no account');
    return actingAs({ nid, userId });
  }

  async #isPublic(room: RoomNid): Promise<boolean> {
    const { heads, states } = this.#parts;
    const head = await heads.find(room);
    const rules = head && (await states.get(head.state, 'm.room.join_rules', ''));
    return rules?.content['join_rule'] === 'public';
  }
}
