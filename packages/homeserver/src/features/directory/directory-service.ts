import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { AuthStates, RoomHead, RoomHeads, RoomStates, Timeline } from '../timeline/index.ts';
import type { Aliases, RemoteAliasSource, RoomIdResolver } from './aliases.ts';
import { mostAliases, namesIn, withoutAliases } from './canonical-alias.ts';
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
  /** `enable_room_list_search` */
  readonly hasList: boolean;
}

/** So many servers are named as being in a room. */
const mostServers = 1_000;

/** Naming rooms and publishing them. Client-Server API §"Room aliases", §"Published room directory". */
export class DirectoryService implements RoomIdResolver {
  readonly #parts: DirectoryParts;
  #remote: { readonly aliases: RemoteAliasSource; readonly roomServers: RoomServers } | undefined;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  /** From now on other servers can be asked for their aliases. */
  useRemote(aliases: RemoteAliasSource, roomServers: RoomServers): void {
    this.#remote = { aliases, roomServers };
  }

  async resolve(roomIdOrAlias: string): Promise<{ roomId: string; servers: readonly string[] }> {
    if (roomIdOrAlias.startsWith('!')) return { roomId: roomIdOrAlias, servers: [] };
    const { room_id: roomId, servers } = await this.lookUp(roomIdOrAlias);
    return { roomId, servers };
  }

  /** An alias of this server or of another. */
  async lookUp(alias: string): Promise<{ room_id: string; servers: string[] }> {
    const { aliases } = this.#parts;
    aliases.check(alias);
    if (aliases.isLocal(alias) || !this.#remote) return this.lookUpLocal(alias);
    const { roomId, servers } = await this.#remote.aliases.lookUp(alias);
    const room = await this.#find(roomId);
    const known = room === undefined ? [] : await this.#serversOf(room);
    return { room_id: roomId, servers: [...new Set([...known, ...servers])].slice(0, mostServers) };
  }

  /** An alias of this server. `servers`: those in the room, this one first. */
  async lookUpLocal(alias: string): Promise<{ room_id: string; servers: string[] }> {
    const found = await this.#parts.aliases.find(alias);
    if (!found) throw new MatrixError('M_NOT_FOUND', `Room alias ${alias} not found`);
    const servers = [...new Set([this.#parts.serverName, ...(await this.#serversOf(found.room))])];
    return { room_id: await this.#parts.names.roomId(found.room), servers: servers.slice(0, mostServers) };
  }

  async #serversOf(room: RoomNid): Promise<string[]> {
    const { serverName } = this.#parts;
    const servers = [...((await this.#remote?.roomServers.inRoom(room)) ?? [])];
    return servers.sort((a, b) => Number(b === serverName) - Number(a === serverName));
  }

  /** Throws M_FORBIDDEN for rooms that the requester isn't in, be they known or not. */
  async addAlias(requester: Requester, alias: string, roomId: string): Promise<void> {
    const { aliases, members, database, rules } = this.#parts;
    aliases.check(alias);
    if (/\s/u.test(alias)) throw new MatrixError('M_INVALID_PARAM', 'Invalid characters in the room alias');
    const room = await this.#find(roomId);
    const mustBeIn = this.#parts.requireMembership && !requester.isAdmin;
    if (mustBeIn && (room === undefined || !(await members.isJoined(room, requester.user)))) {
      throw new MatrixError('M_FORBIDDEN', 'You must be in the room to create an alias for it');
    }
    if (room === undefined) throw new MatrixError('M_NOT_FOUND', 'Unknown room');
    if (!rules.mayCreateAlias(requester.userId, roomId, alias)) {
      throw new MatrixError('M_FORBIDDEN', 'Not allowed to create alias');
    }
    await database.transact(async (writer) => {
      if (await aliases.find(alias, writer)) {
        throw new MatrixError('M_UNKNOWN', `Room alias ${alias} already exists`, { status: 409 });
      }
      await aliases.add(writer, alias, room, requester.user);
    });
  }

  /** By who made it, who may set the room's main alias, or an administrator. The room stops calling itself so, if it did. */
  async removeAlias(requester: Requester, alias: string): Promise<void> {
    const { aliases, heads, authStates, members, timeline } = this.#parts;
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
    await timeline.write(found.room, async (writer, head) => {
      await aliases.remove(writer, alias);
      await this.#takeFromCanonical(writer, head, requester, alias);
    });
  }

  async #takeFromCanonical(writer: Writer, head: RoomHead, requester: Requester, alias: string): Promise<void> {
    const { states, timeline } = this.#parts;
    const content = (await states.get(head.state, 'm.room.canonical_alias', '', writer))?.content;
    if (!content || !namesIn(content).includes(alias)) return;
    const author = { sender: requester.userId, senderNid: requester.user };
    try {
      await timeline.appendIn(writer, head, {
        type: 'm.room.canonical_alias',
        stateKey: '',
        content: withoutAliases(content, (other) => other === alias),
        ...author,
      });
    } catch (error) {
      // Who may delete the alias need not be able to say so in the room. It is gone all the same.
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
    if (visibility === 'public' && !this.#parts.hasList) {
      throw new MatrixError('M_FORBIDDEN', 'This server has no room list');
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
    const others = content['alt_aliases'];
    if (others !== undefined && !Array.isArray(others)) {
      throw new MatrixError('M_INVALID_PARAM', 'The alt_aliases property must be a list.');
    }
    const added = namesIn(content).filter((alias) => !known.has(alias));
    if (added.length > mostAliases) throw new MatrixError('M_INVALID_PARAM', 'There are too many aliases');
    for (const alias of added) {
      if (typeof alias !== 'string') throw new MatrixError('M_INVALID_PARAM', 'An alias must be a string');
      this.#parts.aliases.check(alias);
      if ((await this.#leadsTo(alias)) !== head?.roomId) {
        throw new MatrixError('M_BAD_ALIAS', `Room alias ${alias} does not point to the room`);
      }
    }
  }

  /** The room's id; undefined for an alias that leads nowhere, or whose server can't be asked. */
  async #leadsTo(alias: string): Promise<string | undefined> {
    try {
      return (await this.lookUp(alias)).room_id;
    } catch (error) {
      if (error instanceof MatrixError) return undefined;
      throw error;
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
