import type { Database, Reader, Writer } from '@myelin/database';
import { parseUserId } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import { boundedCache } from '../../caches/index.ts';
import type { StoredEvent } from '../events/index.ts';
import { memberOfKey, type RoomNid, type UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { EventContext, EventProjection, Restatement } from '../timeline/index.ts';
import { partedServers, type Parting } from './parted-servers.ts';
import type { RoomServers } from './room-servers-port.ts';
import { serverCounts } from './server-counts.ts';

/** Told, once it is durable, that a server has come into a room. */
export type ServerListener = (room: RoomNid, server: string) => void;

/** Names of servers in memory, over all rooms. */
const mostNames = 1_000_000;
const none: ReadonlySet<string> = new Set();

/**
 * Which servers are in which rooms: counts of joined users in a table, the sets of names in memory for the rooms used
 * last. Of rooms that only local users are in, there is nothing but their absence from one set.
 */
export class JoinedServers implements RoomServers, EventProjection {
  readonly #database: Database;
  readonly #members: RoomMembers;
  readonly #serverName: string;
  /** Rooms that other servers are in; a room may be among them for a while though none is. */
  readonly #federated: Set<RoomNid>;
  /** The other servers in a room. */
  readonly #cache = new LRUCache<RoomNid, ReadonlySet<string>>({
    maxSize: mostNames,
    sizeCalculation: (servers) => servers.size + 1,
  });
  /** How many users of this server are joined, in rooms that others are in. */
  readonly #joined = boundedCache<RoomNid, number>(20_000);
  /** Sets that transactions have left which aren't durable yet. `undefined`: one has failed, the database knows. */
  readonly #pending = new Map<RoomNid, ReadonlySet<string> | undefined>();
  readonly #listeners: ServerListener[] = [];
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  private constructor(database: Database, members: RoomMembers, serverName: string, rooms: readonly RoomNid[]) {
    this.#database = database;
    this.#members = members;
    this.#serverName = serverName;
    this.#federated = new Set(rooms);
  }

  static async open(database: Database, members: RoomMembers, serverName: string): Promise<JoinedServers> {
    return new JoinedServers(database, members, serverName, await serverCounts.rooms(database.reader, serverName));
  }

  onServerCame(listener: ServerListener): void {
    this.#listeners.push(listener);
  }

  /** Whether any other server may be in a room. */
  isFederated(room: RoomNid): boolean {
    return this.#federated.has(room);
  }

  /** Rooms in which other servers may be. */
  roomsWithOthers(): RoomNid[] {
    return [...this.#federated];
  }

  /** The other servers in a room; inside a transaction, as the room's transactions before have left them. */
  async othersInRoom(room: RoomNid, writer?: Reader): Promise<ReadonlySet<string>> {
    if (!this.#federated.has(room)) return none;
    if (writer) {
      const pending = this.#pending.get(room);
      if (pending) return pending;
      if (this.#pending.has(room)) return new Set(await serverCounts.othersInRoom(writer, room, this.#serverName));
    }
    const cached = this.#cache.get(room);
    if (cached) return cached;
    const before = this.#changes;
    const servers = new Set(await serverCounts.othersInRoom(writer ?? this.#database.reader, room, this.#serverName));
    if (before === this.#changes && !this.#pending.has(room)) this.#cache.set(room, servers);
    return servers;
  }

  async inRoom(room: RoomNid): Promise<ReadonlySet<string>> {
    const others = await this.othersInRoom(room);
    return (await this.#isHere(room)) ? new Set([this.#serverName, ...others]) : others;
  }

  async isInRoom(room: RoomNid, server: string): Promise<boolean> {
    return server === this.#serverName ? this.#isHere(room) : (await this.othersInRoom(room)).has(server);
  }

  /** The event by which a server went out of a room that it was in. */
  partingOf(room: RoomNid, server: string): Promise<Parting | undefined> {
    return partedServers.get(this.#database.reader, room, server);
  }

  async sharingRoomsWith(user: UserNid): Promise<Set<string>> {
    const sharing = new Set<string>();
    for (const room of await this.#members.joinedRooms(user)) {
      if (!this.#federated.has(room)) continue;
      for (const server of await this.othersInRoom(room)) sharing.add(server);
    }
    return sharing;
  }

  /** A server's rooms, and since which position it is in each. */
  roomsOf(server: string): Promise<Map<RoomNid, number>> {
    return serverCounts.ofServer(this.#database.reader, server);
  }

  /** How many other servers share rooms with this one. */
  known(): Promise<number> {
    return serverCounts.known(this.#database.reader, this.#serverName);
  }

  async apply(writer: Writer, { room, nid, position = 0 }: StoredEvent, { changes }: EventContext): Promise<void> {
    if (changes.length > 0) await this.restated(writer, { room, position, event: nid, changes });
  }

  async restated(
    writer: Writer,
    { room, position, event, changes }: Pick<Restatement, 'room' | 'position' | 'event' | 'changes'>,
  ): Promise<void> {
    const deltas = this.#deltas(changes);
    if (!deltas) return;
    const own = deltas.get(this.#serverName) ?? 0;
    deltas.delete(this.#serverName);
    if (deltas.size === 0 && !this.#federated.has(room)) return;
    const servers = new Set(await this.othersInRoom(room, writer));
    if (servers.size === 0) return this.#fill(writer, room, deltas, position);
    if (own !== 0) await serverCounts.addOwn(writer, room, this.#serverName, own);
    const came: string[] = [];
    let moved = false;
    for (const [server, delta] of deltas) {
      if (delta === 0) continue;
      const move = await serverCounts.add(writer, room, server, delta, position);
      if (move === 'came') {
        servers.add(server);
        came.push(server);
      } else if (move === 'went') {
        servers.delete(server);
        await partedServers.went(writer, room, server, { position, event });
      }
      moved ||= move !== undefined;
    }
    if (came.length > 0) await partedServers.came(writer, room, came);
    if (moved) await this.#put(writer, room, servers, came);
    else this.#forgetJoined(writer, room);
  }

  /**
   * These servers are in a room as far as another server says, while we lack the room's members (a partial-state join):
   * until `endAssuming` they count as in it.
   */
  async assume(writer: Writer, room: RoomNid, servers: Iterable<string>, position: number): Promise<void> {
    const others = [...new Set(servers)].filter((server) => server !== this.#serverName);
    if (others.length === 0) return;
    const known = await this.othersInRoom(room, writer);
    this.#federated.add(room);
    if (known.size === 0) await serverCounts.fill(writer, room, await this.#withOwn(writer, room, new Map()), position);
    await serverCounts.assume(writer, room, others, position);
    await this.#put(writer, room, new Set([...known, ...others]), []);
  }

  /** The members are known: only servers with joined users stay. */
  async endAssuming(writer: Writer, room: RoomNid): Promise<void> {
    await serverCounts.endAssuming(writer, room, this.#serverName);
    await this.#put(writer, room, new Set(await serverCounts.othersInRoom(writer, room, this.#serverName)), []);
  }

  async #fill(writer: Writer, room: RoomNid, deltas: ReadonlyMap<string, number>, position: number): Promise<void> {
    const joined = new Map([...deltas].filter(([, delta]) => delta > 0));
    if (joined.size === 0) return;
    this.#federated.add(room);
    await serverCounts.fill(writer, room, await this.#withOwn(writer, room, joined), position);
    await partedServers.came(writer, room, [...joined.keys()]);
    await this.#put(writer, room, new Set(joined.keys()), [...joined.keys()]);
  }

  /** Counts of a room that no other server was in: all others who are joined are this server's users. */
  async #withOwn(writer: Writer, room: RoomNid, joined: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    let own = 0;
    for (const { membership } of await this.#members.ofRoom(room, writer)) if (membership === 'join') own++;
    for (const users of joined.values()) own -= users;
    return new Map([...joined, [this.#serverName, own]]);
  }

  #forgetJoined(writer: Writer, room: RoomNid): void {
    const forget = (): void => {
      this.#changes++;
      this.#joined.delete(room);
    };
    writer.onDurable(forget);
    writer.onRollback(forget);
  }

  async #put(writer: Writer, room: RoomNid, servers: ReadonlySet<string>, came: readonly string[]): Promise<void> {
    // Where no other server is, who is joined says whether this one is there.
    if (servers.size === 0) await serverCounts.clear(writer, room);
    this.#forgetJoined(writer, room);
    this.#pending.set(room, servers);
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.set(room, servers);
      if (this.#pending.get(room) === servers) {
        this.#pending.delete(room);
        if (servers.size === 0) this.#federated.delete(room);
      }
      for (const server of came) for (const listener of this.#listeners) listener(room, server);
    });
    writer.onRollback(() => {
      this.#changes++;
      this.#cache.delete(room);
      this.#pending.set(room, undefined);
    });
  }

  /** How many users of each server join or go, by the changes of the current state; undefined: none does. */
  #deltas(changes: EventContext['changes']): Map<string, number> | undefined {
    let deltas: Map<string, number> | undefined;
    for (const { key, before, after } of changes) {
      if (memberOfKey(key) === undefined) continue;
      const delta = Number(isJoin(after)) - Number(isJoin(before));
      if (delta === 0) continue;
      const server = parseUserId((after ?? before)?.stateKey ?? '')?.serverName;
      if (server === undefined) continue;
      deltas ??= new Map();
      deltas.set(server, (deltas.get(server) ?? 0) + delta);
    }
    return deltas;
  }

  /** Whether local users are joined. */
  async #isHere(room: RoomNid): Promise<boolean> {
    if (!this.#federated.has(room)) return (await this.#members.count(room, 'join')) > 0;
    let own = this.#joined.get(room);
    if (own === undefined) {
      const before = this.#changes;
      // In a room that is only taken for one with other servers, there is no count.
      if ((await this.othersInRoom(room)).size === 0) return (await this.#members.count(room, 'join')) > 0;
      own = await serverCounts.joined(this.#database.reader, room, this.#serverName);
      if (before === this.#changes) this.#joined.set(room, own);
    }
    return own > 0;
  }
}

function isJoin(event: StoredEvent | undefined): boolean {
  return event !== undefined && event.content['membership'] === 'join';
}
