import { MatrixError } from '@myelin/api';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid, Names, RoomNid } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { ServerAcls } from '../server-acls/index.ts';
import type { RoomHead, RoomHeads } from '../timeline/index.ts';

/** Rooms whose state isn't whole yet. Implemented by `features/partial-rooms`. */
export interface PartialRooms {
  isPartial(room: RoomNid): boolean;
  /** Resolves to true when the state is whole, to false after so many milliseconds. */
  completesWithin(room: RoomNid, milliseconds: number): Promise<boolean>;
  /** Whether the state before one of these events isn't known. */
  lackMembers(room: RoomNid, events: readonly StoredEvent[]): Promise<boolean>;
}

/** Servers that went out of rooms. Implemented by `features/room-servers`. */
export interface PartedServers {
  /** The event by which a server went out of a room that it was in. */
  partingOf(
    room: RoomNid,
    server: string,
  ): Promise<{ readonly position: number; readonly event: EventNid } | undefined>;
}

/** Whether a server may be told of an event of a room. */
export type Reach = (event: StoredEvent) => boolean;

export interface ServedRoomsParts {
  readonly serverName: string;
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly servers: RoomServers & PartedServers;
  readonly acls: ServerAcls;
  readonly partialRooms: PartialRooms;
}

/** So long who wants to come in waits for a room to become whole, in milliseconds. */
const patienceMs = 3_000;

/** Which rooms other servers may ask about. */
export class ServedRooms {
  readonly #parts: ServedRoomsParts;

  constructor(parts: ServedRoomsParts) {
    this.#parts = parts;
  }

  /**
   * A room for a server that has users in it. Throws M_FORBIDDEN: whether the room isn't known or the server isn't in it
   * is the same to the asker, and who isn't in it learns nothing of its access control list.
   */
  async forMember(origin: string, roomId: string): Promise<RoomHead> {
    const head = await this.#head(roomId);
    if (!head || !(await this.#parts.servers.isInRoom(head.room, origin))) throw notInRoom();
    await this.#parts.acls.check(head.room, origin);
    return head;
  }

  /** A room for a server that has, or had, users in it, and how far it may read. Throws M_FORBIDDEN. */
  async forReader(origin: string, roomId: string): Promise<{ head: RoomHead; reach: Reach }> {
    const head = await this.#head(roomId);
    if (!head) throw notInRoom();
    return { head, reach: await this.reachOf(origin, head.room) };
  }

  /**
   * A server that is in a room may ask for all its events; one that was made to leave may not have heard of that, and may
   * ask for what it could have had until then: it needs what was before that event to understand it. Throws M_FORBIDDEN.
   */
  async reachOf(origin: string, room: RoomNid): Promise<Reach> {
    const { servers, acls } = this.#parts;
    const isIn = await servers.isInRoom(room, origin);
    const parting = isIn ? undefined : await servers.partingOf(room, origin);
    if (!isIn && !parting) throw notInRoom();
    await acls.check(room, origin);
    if (!parting) return () => true;
    // What has no position (outliers, soft-failed events) has a number that says when it came.
    return ({ position, nid }) => (position === undefined ? nid < parting.event : position <= parting.position);
  }

  /**
   * A room that a server wants to come into, or to leave: this server is in it and knows all of it. Throws M_NOT_FOUND,
   * M_FORBIDDEN.
   */
  async forVisitor(origin: string, roomId: string): Promise<RoomHead> {
    const { servers, acls, partialRooms, serverName } = this.#parts;
    const head = await this.#head(roomId);
    if (!head || !(await servers.isInRoom(head.room, serverName))) throw notHere();
    await acls.check(head.room, origin);
    if (!partialRooms.isPartial(head.room)) return head;
    // The members of small rooms are known a moment after this server has come in.
    if (!(await partialRooms.completesWithin(head.room, patienceMs))) throw notHere();
    return (await this.#head(roomId)) ?? head;
  }

  async #head(roomId: string): Promise<RoomHead | undefined> {
    const { names, heads } = this.#parts;
    const room = await names.findRoom(roomId);
    return room === undefined ? undefined : heads.find(room);
  }
}

function notInRoom(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'The server is not in this room');
}

function notHere(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'This server is not in the room');
}
