import type { AutoJoinConfig } from '../../config/index.ts';
import type { Requester } from '../../http/index.ts';
import { actingAs, type Accounts, type KnownUser } from '../accounts/index.ts';
import type { Aliases } from '../directory/index.ts';
import type { MembershipService } from '../membership/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { RoomCreator } from '../rooms/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';

export interface AutoJoinParts {
  readonly config: AutoJoinConfig;
  readonly serverName: string;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly aliases: Aliases;
  readonly membership: MembershipService;
  readonly rooms: RoomCreator;
  readonly heads: RoomHeads;
  readonly states: RoomStates;
  /** That somebody couldn't be brought into a room doesn't keep them from registering. */
  readonly onFailure: (alias: string, error: unknown) => void;
}

/** Brings new users into the rooms that the administrator has named (`auto_join_rooms`); the first of them makes the rooms. */
export class AutoJoin {
  readonly #parts: AutoJoinParts;

  constructor(parts: AutoJoinParts) {
    this.#parts = parts;
  }

  async welcome(user: KnownUser & { readonly isGuest: boolean }): Promise<void> {
    const { config, accounts, onFailure } = this.#parts;
    if (config.rooms.length === 0 || (user.isGuest && !config.forGuests)) return;
    const mayCreate = config.autocreate && (await isPerson(accounts, user)) && (await accounts.countPeople()) === 1;
    for (const alias of config.rooms) {
      try {
        await this.#bringIn(user, alias, mayCreate);
      } catch (error) {
        onFailure(alias, error);
      }
    }
  }

  async #bringIn(user: KnownUser, alias: string, mayCreate: boolean): Promise<void> {
    const { aliases, names, membership } = this.#parts;
    const found = await aliases.find(alias);
    if (!found) {
      if (!mayCreate || !aliases.isLocal(alias)) throw new Error('there is no such room');
      return this.#create(user, alias);
    }
    const roomId = await names.roomId(found.room);
    if (!(await this.#isPublic(found.room))) {
      const host = await this.#host();
      if (!host) throw new Error('the room is not public, and auto_join_mxid_localpart names nobody to invite');
      await membership.invite(host, roomId, user.userId);
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

async function isPerson(accounts: Accounts, user: KnownUser & { readonly isGuest: boolean }): Promise<boolean> {
  return !user.isGuest && (await accounts.find(user.nid))?.userType === undefined;
}
