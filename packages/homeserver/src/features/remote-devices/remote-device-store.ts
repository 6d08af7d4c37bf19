import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

/** What is known of the devices of a user. */
export interface StoredDeviceList {
  readonly user: UserNid;
  /** Of the last update that is in it; undefined: not known. */
  readonly streamId: number | undefined;
  /** Something is missing. */
  readonly isStale: boolean;
}

/** A list that must be asked for again. */
export interface DueResync {
  readonly user: UserNid;
  /** Grows with each reason to ask. */
  readonly asked: number;
  readonly failures: number;
}

interface ListRow {
  user_nid: number;
  stream_id: number | null;
  stale: number;
}

/** The rows of lists of devices of other servers' users. */
export class RemoteDeviceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(user: UserNid, reader: Reader = this.#database.reader): Promise<StoredDeviceList | undefined> {
    const row = await reader.get<ListRow>(sql`SELECT * FROM remote_device_lists WHERE user_nid = ${user}`);
    return row && fromRow(row);
  }

  async lists(users: readonly UserNid[], reader: Reader): Promise<StoredDeviceList[]> {
    if (users.length === 0) return [];
    const rows = await reader.all<ListRow>(
      sql`SELECT * FROM remote_device_lists WHERE ${sql.anyOf('user_nid', users)}`,
    );
    return rows.map(fromRow);
  }

  /** Those of many users who have a list. */
  async tracked(users: readonly UserNid[]): Promise<UserNid[]> {
    return (await this.lists(users, this.#database.reader)).map(({ user }) => user);
  }

  /** Users with a list, in the order of their numbers, beginning after one. */
  async usersAfter(user: UserNid | 0, limit: number): Promise<UserNid[]> {
    const rows = await this.#database.reader.all<{ user_nid: number }>(
      sql`SELECT user_nid FROM remote_device_lists WHERE user_nid > ${user} ORDER BY user_nid LIMIT ${limit}`,
    );
    return rows.map((row) => row.user_nid as UserNid);
  }

  async putList(writer: Writer, { user, streamId, isStale }: StoredDeviceList): Promise<void> {
    await writer.run(sql`INSERT INTO remote_device_lists (user_nid, stream_id, stale)
      VALUES (${user}, ${streamId ?? null}, ${isStale ? 1 : 0})
      ON CONFLICT (user_nid) DO UPDATE SET stream_id = excluded.stream_id, stale = excluded.stale`);
  }

  /** The keys of users by device id. */
  async devices(
    users: readonly UserNid[],
    reader: Reader = this.#database.reader,
  ): Promise<ReadonlyMap<UserNid, ReadonlyMap<string, string>>> {
    if (users.length === 0) return new Map();
    const rows = await reader.all<{ user_nid: number; device_id: string; keys: string }>(
      sql`SELECT user_nid, device_id, keys FROM remote_devices WHERE ${sql.anyOf('user_nid', users)} ORDER BY user_nid, device_id`,
    );
    const byUser = new Map<UserNid, Map<string, string>>();
    for (const { user_nid: nid, device_id: deviceId, keys } of rows) {
      const user = nid as UserNid;
      const ofUser = byUser.get(user) ?? new Map<string, string>();
      byUser.set(user, ofUser.set(deviceId, keys));
    }
    return byUser;
  }

  async deviceCount(user: UserNid, reader: Reader): Promise<number> {
    const row = await reader.get<{ devices: number }>(
      sql`SELECT COUNT(*) AS devices FROM remote_devices WHERE user_nid = ${user}`,
    );
    return row?.devices ?? 0;
  }

  async putDevice(writer: Writer, user: UserNid, deviceId: string, keys: string): Promise<void> {
    await writer.run(sql`INSERT INTO remote_devices (user_nid, device_id, keys) VALUES (${user}, ${deviceId}, ${keys})
      ON CONFLICT (user_nid, device_id) DO UPDATE SET keys = excluded.keys`);
  }

  async deleteDevice(writer: Writer, user: UserNid, deviceId: string): Promise<void> {
    await writer.run(sql`DELETE FROM remote_devices WHERE user_nid = ${user} AND device_id = ${deviceId}`);
  }

  async replaceDevices(writer: Writer, user: UserNid, devices: ReadonlyMap<string, string>): Promise<void> {
    await writer.run(sql`DELETE FROM remote_devices WHERE user_nid = ${user}`);
    await writer.insert(
      'remote_devices',
      ['user_nid', 'device_id', 'keys'],
      [...devices].map(([deviceId, keys]) => [user, deviceId, keys]),
    );
  }

  /** Forgets all of a user. */
  async delete(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM remote_devices WHERE user_nid = ${user}`);
    await writer.run(sql`DELETE FROM remote_device_lists WHERE user_nid = ${user}`);
    await writer.run(sql`DELETE FROM remote_device_resyncs WHERE user_nid = ${user}`);
  }

  /** The list is to be asked for; one that is waited for already isn't put off nor brought forward. */
  async askAgain(writer: Writer, user: UserNid, now: number): Promise<void> {
    await writer.run(sql`INSERT INTO remote_device_resyncs (user_nid, asked, failures, due) VALUES (${user}, 1, 0, ${now})
      ON CONFLICT (user_nid) DO UPDATE SET asked = remote_device_resyncs.asked + 1`);
  }

  async dueResyncs(now: number, limit: number): Promise<DueResync[]> {
    const rows = await this.#database.reader.all<{ user_nid: number; asked: number; failures: number }>(
      sql`SELECT user_nid, asked, failures FROM remote_device_resyncs WHERE due <= ${now} ORDER BY due, user_nid LIMIT ${limit}`,
    );
    return rows.map((row) => ({ user: row.user_nid as UserNid, asked: row.asked, failures: row.failures }));
  }

  /** The list is here; false: something came meanwhile, and it is asked for again at `again`. */
  async finishResync(writer: Writer, { user, asked }: DueResync, again: number): Promise<boolean> {
    const done = await writer.run(sql`DELETE FROM remote_device_resyncs WHERE user_nid = ${user} AND asked = ${asked}`);
    if (done > 0) return true;
    const later = await writer.run(
      sql`UPDATE remote_device_resyncs SET due = ${again}, failures = 0 WHERE user_nid = ${user}`,
    );
    return later === 0;
  }

  async putOffResync(writer: Writer, { user, failures }: DueResync, due: number): Promise<void> {
    await writer.run(
      sql`UPDATE remote_device_resyncs SET due = ${due}, failures = ${failures + 1} WHERE user_nid = ${user}`,
    );
  }
}

function fromRow(row: ListRow): StoredDeviceList {
  return {
    user: row.user_nid as UserNid,
    streamId: row.stream_id ?? undefined,
    isStale: row.stale !== 0,
  };
}
