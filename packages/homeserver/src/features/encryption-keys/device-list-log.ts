import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { DeviceListChanges } from '../devices/index.ts';
import type { UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import type { KeyDirectory } from './key-directory.ts';

/** A change of a user's device, or (`deviceId` '') of their cross-signing keys. */
export interface DeviceListChange {
  readonly user: UserNid;
  readonly deviceId: string;
  readonly position: number;
  /** The position of the user's change before; 0: there was none. */
  readonly previous: number;
}

/** Told of changes in the transaction that stores them. For telling other servers, and `alsoTo` whatever they share. */
export type DeviceListListener = (
  writer: Writer,
  user: UserNid,
  changes: readonly DeviceListChange[],
  alsoTo: ReadonlySet<string>,
) => Promise<void>;

const nobody: ReadonlySet<string> = new Set();

/**
 * When the devices or keys of each user changed last, for those who encrypt for them. One row a user is enough: what
 * changed again later is told later as well.
 */
export class DeviceListLog implements DeviceListChanges {
  readonly #database: Database;
  readonly #streams: Streams;
  readonly #members: RoomMembers;
  readonly #directory: KeyDirectory;
  readonly #listeners: DeviceListListener[] = [];

  constructor(database: Database, streams: Streams, members: RoomMembers, directory: KeyDirectory) {
    this.#database = database;
    this.#streams = streams;
    this.#members = members;
    this.#directory = directory;
  }

  onChange(listener: DeviceListListener): void {
    this.#listeners.push(listener);
  }

  async changed(
    writer: Writer,
    user: UserNid,
    deviceIds: readonly string[] = [],
    alsoTo: ReadonlySet<string> = nobody,
  ): Promise<void> {
    this.#directory.invalidate(writer, user);
    const changes: DeviceListChange[] = [];
    let previous = this.#listeners.length > 0 && deviceIds.length > 0 ? await this.positionOf(user, writer) : 0;
    for (const deviceId of deviceIds.slice(0, -1)) {
      const position = this.#streams.next(writer);
      changes.push({ user, deviceId, position, previous });
      previous = position;
    }
    const position = this.#streams.next(writer, {
      kind: 'device-list',
      user,
      rooms: await this.#members.joinedRooms(user),
    });
    await writer.run(sql`INSERT INTO device_list_changes (user_nid, position) VALUES (${user}, ${position})
      ON CONFLICT (user_nid) DO UPDATE SET position = excluded.position`);
    const deviceId = deviceIds.at(-1);
    if (deviceId === undefined) return;
    changes.push({ user, deviceId, position, previous });
    for (const listener of this.#listeners) await listener(writer, user, changes, alsoTo);
  }

  /** When the devices or keys of a user changed last; 0: never. What other servers know as `stream_id`. */
  async positionOf(user: UserNid, reader: Reader = this.#database.reader): Promise<number> {
    const row = await reader.get<{ position: number }>(
      sql`SELECT position FROM device_list_changes WHERE user_nid = ${user}`,
    );
    return row?.position ?? 0;
  }

  /** Gives the next position for signatures of others' keys: only the user's own devices are told. */
  signed(writer: Writer, user: UserNid, others: readonly UserNid[]): number {
    return this.#streams.next(writer, { kind: 'device-list', user, rooms: [], signed: others });
  }

  /** Users whose devices or keys changed after a position. */
  async changedSince(since: number, reader: Reader = this.#database.reader): Promise<UserNid[]> {
    const rows = await reader.all<{ user_nid: number }>(
      sql`SELECT user_nid FROM device_list_changes WHERE position > ${since}`,
    );
    return rows.map((row) => row.user_nid as UserNid);
  }
}
