import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { AuthStates, RoomHeads, RoomStates, Timeline } from '../timeline/index.ts';
import type { Aliases } from './aliases.ts';
import type { DirectoryRules } from './directory-rules.ts';
import type { PublishedRooms } from './published-rooms.ts';

export interface DirectoryParts {
  readonly database: Database;
  readonly serverName: string;
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly states: RoomStates;
  readonly authStates: AuthStates;
  readonly timeline: Timeline;
  readonly members: RoomMembers;
  readonly aliases: Aliases;
  readonly published: PublishedRooms;
  readonly rules: DirectoryRules;
  /** `require_membership_for_aliases` */
  readonly requireMembership: boolean;
}

/** Naming rooms and publishing them. Client-Server API §"Room aliases", §"Published room directory". */
export class DirectoryService {
  readonly #parts: DirectoryParts;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  async lookUp(alias: string): Promise<{ room_id: string; servers: string[] }> {
    const found = await this.#parts.aliases.find(alias);
    if (!found) throw new MatrixError('M_NOT_FOUND', `Room alias ${alias} not found`);
    return { room_id: await this.#parts.names.roomId(found.room), servers: [this.#parts.serverName] };
  }

  async addAlias(requester: Requester, alias: string, roomId: string): Promise<void> {
    const { aliases, members, database, rules } = this.#parts;
    aliases.check(alias);
    if (/\s/u.test(alias)) throw new MatrixError('M_INVALID_PARAM', 'Invalid characters in the room alias');
    const room = await this.#known(roomId);
    if (this.#parts.requireMembership && !requester.isAdmin && !(await members.isJoined(room, requester.user))) {
      throw new MatrixError('M_FORBIDDEN', 'You must be in the room to create an alias for it');
    }
    if (!rules.mayCreateAlias(requester.userId, roomId, alias))
      throw new MatrixError('M_FORBIDDEN', 'Not allowed to create alias');
    const existing = await aliases.find(alias);
    if (existing) throw new MatrixError('M_ROOM_IN_USE', `Room alias ${alias} already exists`, { status: 409 });
    await database.transact((writer) => aliases.add(writer, alias, room, requester.user));
  }

  /** By who made it, who may set the room's main alias, or an administrator. */
  async removeAlias(requester: Requester, alias: string): Promise<void> {
    const { aliases, heads, authStates, database, members } = this.#parts;
    const found = await aliases.find(alias);
    if (!found) throw new MatrixError('M_NOT_FOUND', `Room alias ${alias} not found`);
    if (found.creator !== requester.user && !requester.isAdmin) {
      const head = await heads.find(found.room);
      const levels = head && (await authStates.levels(head));
      const may =
        levels?.canSend(requester.userId, 'm.room.canonical_alias', true) &&
        (await members.isJoined(found.room, requester.user));
      if (!may) throw new MatrixError('M_FORBIDDEN', "You don't have permission to delete the alias.");
    }
    await database.transact((writer) => aliases.remove(writer, alias));
    await this.#takeFromCanonical(requester, found.room, alias);
  }

  /** The room doesn't go on calling itself by a name that leads nowhere, if who removed it may say so. */
  async #takeFromCanonical(requester: Requester, room: RoomNid, alias: string): Promise<void> {
    const { heads, states, timeline } = this.#parts;
    const head = await heads.find(room);
    const content = head && (await states.get(head.state, 'm.room.canonical_alias', ''))?.content;
    if (!content || !namesIn(content).includes(alias)) return;
    const changed: JsonObject = { ...content };
    if (changed['alias'] === alias) delete changed['alias'];
    const others = changed['alt_aliases'];
    if (Array.isArray(others)) changed['alt_aliases'] = others.filter((other) => other !== alias);
    if (Array.isArray(changed['alt_aliases']) && changed['alt_aliases'].length === 0) delete changed['alt_aliases'];
    try {
      await timeline.append(room, {
        type: 'm.room.canonical_alias',
        stateKey: '',
        content: changed,
        sender: requester.userId,
        senderNid: requester.user,
      });
    } catch (error) {
      // The alias is gone all the same.
      if (!(error instanceof MatrixError)) throw error;
    }
  }

  async aliasesOf(requester: Requester, roomId: string): Promise<string[]> {
    const { members, states, heads, aliases } = this.#parts;
    const room = await this.#find(roomId);
    if (room === undefined || !(await members.isJoined(room, requester.user))) {
      const head = room === undefined ? undefined : await heads.find(room);
      const visibility =
        head && (await states.get(head.state, 'm.room.history_visibility', ''))?.content['history_visibility'];
      // A room that isn't there looks like one that isn't theirs.
      if (room === undefined || visibility !== 'world_readable') {
        throw new MatrixError('M_FORBIDDEN', 'You are not in this room, and it may not be previewed');
      }
    }
    return aliases.ofRoom(room);
  }

  async visibility(roomId: string): Promise<'public' | 'private'> {
    const room = await this.#known(roomId);
    return (await this.#parts.published.has(room)) ? 'public' : 'private';
  }

  /** By those who may set the room's main alias, or an administrator. */
  async setVisibility(requester: Requester, roomId: string, visibility: 'public' | 'private'): Promise<void> {
    const { heads, authStates, aliases, published, rules, database, members } = this.#parts;
    const room = requester.isAdmin ? await this.#known(roomId) : await this.#find(roomId);
    const head = room === undefined ? undefined : await heads.find(room);
    if (room === undefined || !requester.isAdmin) {
      const levels = head && (await authStates.levels(head));
      const isIn = room !== undefined && (await members.isJoined(room, requester.user));
      if (!isIn || !levels?.canSend(requester.userId, 'm.room.canonical_alias', true)) {
        throw new MatrixError(
          'M_FORBIDDEN',
          'This server requires you to be a moderator in the room to edit its room list entry',
        );
      }
    }
    if (visibility === 'public' && !rules.mayPublish(requester.userId, roomId, await aliases.ofRoom(room))) {
      throw new MatrixError('M_FORBIDDEN', 'Not allowed to publish room');
    }
    await database.transact((writer) => published.set(writer, room, visibility === 'public'));
  }

  /** The aliases that m.room.canonical_alias names must lead to the room. Client-Server API §m.room.canonical_alias. */
  async checkCanonicalAlias(room: RoomNid, content: JsonObject): Promise<void> {
    const head = await this.#parts.heads.find(room);
    const current = head && (await this.#parts.states.get(head.state, 'm.room.canonical_alias', ''))?.content;
    const known = new Set(namesIn(current));
    for (const alias of namesIn(content)) {
      if (typeof alias !== 'string') throw new MatrixError('M_INVALID_PARAM', 'An alias must be a string');
      if (known.has(alias)) continue;
      this.#parts.aliases.check(alias);
      const found = await this.#parts.aliases.find(alias);
      if (found?.room !== room) throw new MatrixError('M_BAD_ALIAS', `Room alias ${alias} does not point to the room`);
    }
  }

  async #known(roomId: string): Promise<RoomNid> {
    const room = await this.#find(roomId);
    if (room === undefined) throw new MatrixError('M_NOT_FOUND', 'Unknown room');
    return room;
  }

  async #find(roomId: string): Promise<RoomNid | undefined> {
    const room = await this.#parts.names.findRoom(roomId);
    return room !== undefined && (await this.#parts.heads.find(room)) ? room : undefined;
  }
}

function namesIn(content: JsonObject | undefined): unknown[] {
  const alias = content?.['alias'];
  const others = content?.['alt_aliases'];
  const main = alias === undefined || alias === null || alias === '' ? [] : [alias];
  return [...main, ...(Array.isArray(others) ? others.slice(0, 1_000) : [])];
}
