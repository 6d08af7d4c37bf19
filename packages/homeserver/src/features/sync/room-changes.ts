import { sql, type Database } from '@myelin/database';
import type { DeviceNid, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMember } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';

/** What an incremental sync has to look at. */
export interface RoomChanges {
  /** Rooms with new events. */
  readonly withEvents: ReadonlySet<RoomNid>;
  /** Rooms with new receipts, or somebody beginning or ceasing to type. */
  readonly withReceipts: ReadonlySet<RoomNid>;
  readonly withTyping: ReadonlySet<RoomNid>;
  /** Anything else that the tables must be asked for. `true` where memory doesn't tell. */
  readonly accountData: boolean;
  readonly toDevice: boolean;
  readonly deviceLists: boolean;
  readonly presence: boolean;
  /** Keys of the device were given out. */
  readonly keys: boolean;
}

/** Finds out what may have changed for a user since a position, at a cost that grows with the changes. */
export class RoomChangeFinder {
  readonly #streams: Streams;
  readonly #database: Database;

  constructor(streams: Streams, database: Database) {
    this.#streams = streams;
    this.#database = database;
  }

  async since(
    user: UserNid,
    device: DeviceNid | undefined,
    since: number,
    rooms: ReadonlyMap<RoomNid, RoomMember>,
  ): Promise<RoomChanges> {
    const changes = this.#streams.changesSince(since);
    if (!changes) return this.#fromTables(since, rooms);
    const withEvents = new Set<RoomNid>();
    const withReceipts = new Set<RoomNid>();
    const withTyping = new Set<RoomNid>();
    const found = { accountData: false, toDevice: false, deviceLists: false, presence: false, keys: false };
    for (const { change } of changes) {
      switch (change.kind) {
        case 'event':
          if (rooms.has(change.room)) withEvents.add(change.room);
          break;
        case 'receipt':
          if (rooms.has(change.room) && (!change.users || change.users.includes(user))) withReceipts.add(change.room);
          break;
        case 'typing':
          if (rooms.has(change.room)) withTyping.add(change.room);
          break;
        case 'presence':
          found.presence = true;
          break;
        case 'account-data':
        case 'push-rules':
          if (change.users.includes(user)) found.accountData = true;
          break;
        case 'to-device':
          if (device !== undefined && change.devices.includes(device)) found.toDevice = true;
          break;
        case 'one-time-keys':
          if (device !== undefined && change.devices.includes(device)) found.keys = true;
          break;
        case 'device-list':
          if (change.user === user || change.rooms.some((room) => rooms.get(room)?.membership === 'join'))
            found.deviceLists = true;
          break;
      }
    }
    return { withEvents, withReceipts, withTyping, ...found };
  }

  /** After a restart, or for a client that was away for long: the rooms' tables are asked. */
  async #fromTables(since: number, rooms: ReadonlyMap<RoomNid, RoomMember>): Promise<RoomChanges> {
    const candidates = [...rooms.values()]
      .filter((member) => member.membership === 'join' || member.position > since)
      .map((member) => member.room);
    const rows = await this.#database.reader.all<{ room: number }>(
      sql`SELECT nid AS room FROM rooms WHERE ${sql.anyOf('nid', candidates)}
          AND EXISTS (SELECT 1 FROM events WHERE events.room = rooms.nid AND events.position > ${since})`,
    );
    const joined = new Set(candidates);
    return {
      withEvents: new Set(rows.map((row) => row.room as RoomNid)),
      withReceipts: joined,
      withTyping: joined,
      accountData: true,
      toDevice: true,
      deviceLists: true,
      presence: true,
      keys: true,
    };
  }
}
