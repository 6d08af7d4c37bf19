import type { Database, Writer } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';
import type { DeviceListLog } from '../encryption-keys/index.ts';
import { memberOfKey, type Names, type RoomNid, type UserNid } from '../names/index.ts';
import type { CompletedRoom, SharedRooms } from './shared-rooms.ts';

export interface PossibleMembersParts {
  readonly database: Database;
  readonly names: Names;
  readonly log: DeviceListLog;
  readonly shared: SharedRooms;
}

/** Users of one server, whether they exist or not, that a number is given. */
const mostOfServer = 10_000;
/** Servers of which that is counted. */
const mostServers = 10_000;

/**
 * Users of servers in rooms whose members this server doesn't know yet. They may be members: what their servers tell of
 * them is kept, and who they are turns out when the members are known.
 */
export class PossibleMembers {
  readonly #parts: PossibleMembersParts;
  readonly #counts = boundedCache<string, number>(mostServers);

  constructor(parts: PossibleMembersParts) {
    this.#parts = parts;
  }

  /** A user of the origin who is, or may be, in a room together with local users. */
  async anywhere(origin: string, userId: string): Promise<UserNid | undefined> {
    return (await this.#parts.shared.mayShare(origin)) ? this.#numberOf(origin, userId) : undefined;
  }

  /** The same of one room. */
  async inRoom(room: RoomNid, origin: string, userId: string): Promise<UserNid | undefined> {
    return (await this.#parts.shared.mayBeIn(room, origin)) ? this.#numberOf(origin, userId) : undefined;
  }

  /** Devices or keys of a user changed who may be a member; local users are told once that is known. */
  async changed(origin: string, userId: string): Promise<void> {
    const user = await this.anywhere(origin, userId);
    if (user !== undefined) await this.#parts.database.transact((writer) => this.#parts.log.changed(writer, user));
  }

  /** Tells of those who turn out to be members what changed since the room was entered; in the room's transaction. */
  async completed(writer: Writer, { partial, changes }: CompletedRoom): Promise<void> {
    const { log } = this.#parts;
    const changed = new Set(await log.changedSince(partial.position, writer));
    if (changed.size === 0) return;
    for (const { key, before, after } of changes) {
      const user = memberOfKey(key);
      const isNew = isJoin(after?.content) && !isJoin(before?.content);
      if (user !== undefined && isNew && changed.has(user)) await log.changed(writer, user);
    }
  }

  async #numberOf(origin: string, userId: string): Promise<UserNid | undefined> {
    const { names, database } = this.#parts;
    const known = await names.findUser(userId);
    if (known !== undefined) return known;
    const count = this.#counts.get(origin) ?? 0;
    if (count >= mostOfServer) return undefined;
    this.#counts.set(origin, count + 1);
    return database.transact((writer) => names.user(writer, userId));
  }
}

function isJoin(content: { readonly [key: string]: unknown } | undefined): boolean {
  return content?.['membership'] === 'join';
}
