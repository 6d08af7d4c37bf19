import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { DeviceNid, UserNid } from '../names/index.ts';
import { Counter } from '../streams/index.ts';

export interface Device {
  readonly nid: DeviceNid;
  readonly user: UserNid;
  readonly deviceId: string;
  readonly displayName: string | undefined;
  readonly lastSeenAt: number | undefined;
  readonly lastSeenIp: string | undefined;
  readonly lastSeenUserAgent: string | undefined;
}

interface DeviceRow {
  nid: number;
  user_nid: number;
  device_id: string;
  display_name: string | null;
  last_seen_at: number | null;
  last_seen_ip: string | null;
  last_seen_user_agent: string | null;
}

/** Features that keep something for a device and must drop it when the device goes. */
export type DeviceCleaner = (writer: Writer, device: Device) => Promise<void>;

/** The devices of local users. Client-Server API §"Device Management". */
export class Devices {
  readonly #database: Database;
  readonly #counter: Counter;
  readonly #cleaners: DeviceCleaner[] = [];

  private constructor(database: Database, counter: Counter) {
    this.#database = database;
    this.#counter = counter;
  }

  static async open(database: Database): Promise<Devices> {
    return new Devices(database, await Counter.open(database, 'devices'));
  }

  /** Calls `cleaner` in the transaction that deletes a device. */
  onDelete(cleaner: DeviceCleaner): void {
    this.#cleaners.push(cleaner);
  }

  async find(user: UserNid, deviceId: string, reader: Reader = this.#database.reader): Promise<Device | undefined> {
    const row = await reader.get<DeviceRow>(sql`SELECT * FROM devices WHERE user_nid = ${user} AND device_id = ${deviceId}`);
    return row && fromRow(row);
  }

  async get(device: DeviceNid, reader: Reader = this.#database.reader): Promise<Device | undefined> {
    const row = await reader.get<DeviceRow>(sql`SELECT * FROM devices WHERE nid = ${device}`);
    return row && fromRow(row);
  }

  async ofUser(user: UserNid, reader: Reader = this.#database.reader): Promise<Device[]> {
    return (await reader.all<DeviceRow>(sql`SELECT * FROM devices WHERE user_nid = ${user} ORDER BY nid`)).map(fromRow);
  }

  /** The device, made if the user has none of that id. */
  async ensure(writer: Writer, user: UserNid, deviceId: string, displayName: string | undefined): Promise<{ device: Device; isNew: boolean }> {
    const found = await this.find(user, deviceId, writer);
    if (found) return { device: found, isNew: false };
    const nid = this.#counter.take();
    await writer.run(sql`INSERT INTO devices (nid, user_nid, device_id, display_name) VALUES (${nid}, ${user}, ${deviceId}, ${displayName ?? null})`);
    const device: Device = {
      nid: nid as DeviceNid,
      user,
      deviceId,
      displayName,
      lastSeenAt: undefined,
      lastSeenIp: undefined,
      lastSeenUserAgent: undefined,
    };
    return { device, isNew: true };
  }

  async rename(writer: Writer, device: DeviceNid, displayName: string | undefined): Promise<void> {
    await writer.run(sql`UPDATE devices SET display_name = ${displayName ?? null} WHERE nid = ${device}`);
  }

  async seen(writer: Writer, device: DeviceNid, at: number, ip: string, userAgent: string): Promise<void> {
    await writer.run(sql`UPDATE devices SET last_seen_at = ${at}, last_seen_ip = ${ip}, last_seen_user_agent = ${userAgent} WHERE nid = ${device}`);
  }

  /** Deletes a device with all that features keep for it. */
  async delete(writer: Writer, device: Device): Promise<void> {
    for (const clean of this.#cleaners) await clean(writer, device);
    await writer.run(sql`DELETE FROM devices WHERE nid = ${device.nid}`);
  }
}

function fromRow(row: DeviceRow): Device {
  return {
    nid: row.nid as DeviceNid,
    user: row.user_nid as UserNid,
    deviceId: row.device_id,
    displayName: row.display_name ?? undefined,
    lastSeenAt: row.last_seen_at ?? undefined,
    lastSeenIp: row.last_seen_ip ?? undefined,
    lastSeenUserAgent: row.last_seen_user_agent ?? undefined,
  };
}
