import { sql, type Database, type Writer } from '@myelin/database';
import type { DeviceListChanges } from '../devices/index.ts';
import type { UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import type { KeyDirectory } from './key-directory.ts';

/**
 * When the devices or keys of each user changed last, for those who encrypt for them. One row a user is enough: what
 * changed again later is told later as well.
 */
export class DeviceListLog implements DeviceListChanges {
  readonly #database: Database;
  readonly #streams: Streams;
  readonly #members: RoomMembers;
  readonly #directory: KeyDirectory;

  constructor(database: Database, streams: Streams, members: RoomMembers, directory: KeyDirectory) {
    this.#database = database;
    this.#streams = streams;
    this.#members = members;
    this.#directory = directory;
  }

  async changed(writer: Writer, user: UserNid): Promise<void> {
    this.#directory.invalidate(writer, user);
    const position = this.#streams.next(writer, {
      kind: 'device-list',
      user,
      rooms: await this.#members.joinedRooms(user),
    });
    await writer.run(sql`INSERT INTO device_list_changes (user_nid, position) VALUES (${user}, ${position})
      ON CONFLICT (user_nid) DO UPDATE SET position = excluded.position`);
  }

  /** When the devices or keys of a user changed last; 0: never. What other servers know as `stream_id`. */
  async positionOf(user: UserNid): Promise<number> {
    const row = await this.#database.reader.get<{ position: number }>(
      sql`SELECT position FROM device_list_changes WHERE user_nid = ${user}`,
    );
    return row?.position ?? 0;
  }

  /** Gives the next position for signatures of others' keys: only the user's own devices are told. */
  signed(writer: Writer, user: UserNid, others: readonly UserNid[]): number {
    return this.#streams.next(writer, { kind: 'device-list', user, rooms: [], signed: others });
  }

  /** Users whose devices or keys changed after a position. */
  async changedSince(since: number): Promise<UserNid[]> {
    const rows = await this.#database.reader.all<{ user_nid: number }>(
      sql`SELECT user_nid FROM device_list_changes WHERE position > ${since}`,
    );
    return rows.map((row) => row.user_nid as UserNid);
  }
}
