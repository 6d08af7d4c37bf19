import { MatrixError } from '@myelin/api';
import type { Names } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { RoomHead, RoomHeads } from '../timeline/index.ts';
import type { LocalRooms } from './local-rooms.ts';
import type { RoomFacts, SpaceRoom } from './room-facts.ts';
import type { RoomOpenness } from './room-openness.ts';

export interface FederationHierarchyParts {
  readonly serverName: string;
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly servers: RoomServers;
  readonly local: LocalRooms;
  readonly openness: RoomOpenness;
}

/** So many rooms of a space are told about. */
const mostChildren = 50;

/** What other servers are told of a space. Server-Server API §GET /hierarchy. */
export class FederationHierarchy {
  readonly #parts: FederationHierarchyParts;

  constructor(parts: FederationHierarchyParts) {
    this.#parts = parts;
  }

  /** Throws M_NOT_FOUND for rooms that the other server may not know of, and those that aren't here. */
  async of(
    origin: string,
    roomId: string,
    suggestedOnly: boolean,
  ): Promise<{ room: SpaceRoom; children: RoomFacts[]; inaccessible: string[] }> {
    const { local, openness } = this.#parts;
    const head = await this.#here(roomId);
    if (!head || !(await openness.isOpenToServer(head, origin))) throw new MatrixError('M_NOT_FOUND', 'Unknown room');
    const room = await local.withChildren(head, suggestedOnly);
    const children: RoomFacts[] = [];
    const inaccessible: string[] = [];
    for (const { state_key: id } of room.children.slice(0, mostChildren)) {
      const child = await this.#here(id);
      if (!child) continue;
      if (await openness.isOpenToServer(child, origin)) children.push(await local.facts(child));
      else inaccessible.push(id);
    }
    return { room, children, inaccessible };
  }

  async #here(roomId: string): Promise<RoomHead | undefined> {
    const { names, heads, servers, serverName } = this.#parts;
    const room = await names.findRoom(roomId);
    const head = room === undefined ? undefined : await heads.find(room);
    return head && (await servers.isInRoom(head.room, serverName)) ? head : undefined;
  }
}
