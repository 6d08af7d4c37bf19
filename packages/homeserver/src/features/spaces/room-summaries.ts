import { MatrixError } from '@myelin/api';
import { parseRoomId } from '@myelin/protocol';
import type { RoomIdResolver } from '../directory/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { RoomHeads } from '../timeline/index.ts';
import type { LocalRooms } from './local-rooms.ts';
import type { RemoteSpaces } from './remote-spaces.ts';
import type { RoomFacts } from './room-facts.ts';
import type { RoomOpenness } from './room-openness.ts';

export interface RoomSummariesParts {
  readonly serverName: string;
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly members: RoomMembers;
  readonly servers: RoomServers;
  readonly aliases: RoomIdResolver;
  readonly local: LocalRooms;
  readonly remote: RemoteSpaces;
  readonly openness: RoomOpenness;
}

/** What a room is about, for who thinks of joining it. Client-Server API §GET /room_summary. */
export class RoomSummaries {
  readonly #parts: RoomSummariesParts;

  constructor(parts: RoomSummariesParts) {
    this.#parts = parts;
  }

  /** `membership` is there for who is logged in. Throws M_NOT_FOUND for rooms that the user may not know of. */
  async summary(
    user: UserNid | undefined,
    roomIdOrAlias: string,
    via: readonly string[],
  ): Promise<RoomFacts & { membership?: string }> {
    const { aliases, names, members } = this.#parts;
    const { roomId, servers } = await aliases.resolve(roomIdOrAlias);
    const facts = await this.#facts(user, roomId, [...via, ...servers]);
    if (!facts) throw new MatrixError('M_NOT_FOUND', 'Room not found or not accessible');
    if (user === undefined) return facts;
    const room = await names.findRoom(roomId);
    const member = room === undefined ? undefined : await members.get(room, user);
    return { ...facts, membership: member?.membership ?? 'leave' };
  }

  async #facts(user: UserNid | undefined, roomId: string, via: readonly string[]): Promise<RoomFacts | undefined> {
    const { names, heads, servers, serverName, local, remote, openness } = this.#parts;
    const room = await names.findRoom(roomId);
    const head = room === undefined ? undefined : await heads.find(room);
    if (head && (await servers.isInRoom(head.room, serverName)))
      return (await openness.isOpenToUser(head, user)) ? local.facts(head) : undefined;
    // Who isn't logged in doesn't make this server ask others.
    if (user === undefined) return undefined;
    const parts = parseRoomId(roomId);
    const places = parts?.form === 'domain' ? [...via, parts.serverName] : via;
    const told = (await remote.room(roomId, places, false))?.facts;
    return told && (await openness.isRemoteOpenToUser(told, user)) ? told : undefined;
  }
}
