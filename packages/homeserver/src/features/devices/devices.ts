import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { DeviceNid, UserNid } from '../names/index.ts';
import type { Counter, Counters } from '../counters/index.ts';
import { fromRow, type Device, type DeviceRow } from './device.ts';
import { noDeviceListChanges, type DeviceListChanges } from './device-list-changes.ts';

/** Features that keep something for a device and must drop it when the device goes. */
export type DeviceCleaner = (writer: Writer, device: Device) => Promise<void>;

/** Throws if a user's new device may not have an id, for a reason that another feature knows. */
export type DeviceIdCheck = (writer: Writer, user: UserNid, deviceId: string) => Promise<void>;

/** Where a device was seen last. */
export interface Sighting {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ip: string;
  readonly userAgent: string;
}

/** As with Synapse. In UTF-16 units. */
export const longestDeviceId = 512;
export const longestDisplayName = 100;
/** A user who logs in again and again without logging out meets this before the table grows without end. */
const mostDevices = 10_000;

/** The devices of local users. Client-Server API §"Device Management". */
export class Devices {
  readonly #database: Database;
  readonly #counter: Counter;
  readonly #cleaners: DeviceCleaner[] = [];
  readonly #idChecks: DeviceIdCheck[] = [];
  #listChanges: DeviceListChanges = noDeviceListChanges;

  private constructor(database: Database, counter: Counter) {
    this.#database = database;
    this.#counter = counter;
  }

  static async open(database: Database, counters: Counters): Promise<Devices> {
    return new Devices(database, await counters.open('devices'));
  }

  /** Calls `cleaner` in the transaction that deletes a device. */
  onDelete(cleaner: DeviceCleaner): void {
    this.#cleaners.push(cleaner);
  }

  /** Calls `check` before a device is made. */
  addIdCheck(check: DeviceIdCheck): void {
    this.#idChecks.push(check);
  }

  /** Tells `changes` of devices that come, go or get another name. */
  onListChange(changes: DeviceListChanges): void {
    this.#listChanges = changes;
  }

  async find(user: UserNid, deviceId: string, reader: Reader = this.#database.reader): Promise<Device | undefined> {
    const row = await reader.get<DeviceRow>(
      sql`SELECT * FROM devices WHERE user_nid = ${user} AND device_id = ${deviceId}`,
    );
    return row && fromRow(row);
  }

  async get(device: DeviceNid, reader: Reader = this.#database.reader): Promise<Device | undefined> {
    const row = await reader.get<DeviceRow>(sql`SELECT * FROM devices WHERE nid = ${device}`);
    return row && fromRow(row);
  }

  async ofUser(user: UserNid, reader: Reader = this.#database.reader): Promise<Device[]> {
    return (await reader.all<DeviceRow>(sql`SELECT * FROM devices WHERE user_nid = ${user} ORDER BY nid`)).map(fromRow);
  }

  /** The devices of many users. */
  async ofUsers(
    users: readonly UserNid[],
    reader: Reader = this.#database.reader,
  ): Promise<ReadonlyMap<UserNid, readonly Device[]>> {
    const rows = await reader.all<DeviceRow>(
      sql`SELECT * FROM devices WHERE ${sql.anyOf('user_nid', users)} ORDER BY nid`,
    );
    return Map.groupBy(rows.map(fromRow), (device) => device.user);
  }

  /** The device, made if the user has none of that id. Throws M_INVALID_PARAM for an id that no device may have. */
  async ensure(
    writer: Writer,
    user: UserNid,
    deviceId: string,
    displayName: string | undefined,
  ): Promise<{ device: Device; isNew: boolean }> {
    const found = await this.find(user, deviceId, writer);
    if (found) return { device: found, isNew: false };
    if (deviceId === '' || deviceId.length > longestDeviceId) {
      throw new MatrixError('M_INVALID_PARAM', `A device id has 1 to ${longestDeviceId} characters`);
    }
    const count = await writer.get<{ devices: number }>(
      sql`SELECT COUNT(*) AS devices FROM devices WHERE user_nid = ${user}`,
    );
    if ((count?.devices ?? 0) >= mostDevices)
      throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'You have too many devices; log some out');
    for (const check of this.#idChecks) await check(writer, user, deviceId);
    const nid = this.#counter.take();
    // A name that is too long doesn't keep anybody from logging in.
    const name = displayName?.slice(0, longestDisplayName);
    await writer.run(
      sql`INSERT INTO devices (nid, user_nid, device_id, display_name) VALUES (${nid}, ${user}, ${deviceId}, ${name ?? null})`,
    );
    await this.#listChanges.changed(writer, user, [deviceId]);
    const device: Device = {
      nid: nid as DeviceNid,
      user,
      deviceId,
      displayName: name,
      lastSeenAt: undefined,
      lastSeenIp: undefined,
      lastSeenUserAgent: undefined,
    };
    return { device, isNew: true };
  }

  async rename(writer: Writer, device: Device, displayName: string | undefined): Promise<void> {
    if (displayName !== undefined && displayName.length > longestDisplayName) {
      throw new MatrixError('M_TOO_LARGE', `Device display name is too long (max ${longestDisplayName})`, {
        status: 400,
      });
    }
    await writer.run(sql`UPDATE devices SET display_name = ${displayName ?? null} WHERE nid = ${device.nid}`);
    await this.#listChanges.changed(writer, device.user, [device.deviceId]);
  }

  async seen(writer: Writer, device: DeviceNid, { at, ip, userAgent }: Sighting): Promise<void> {
    await writer.run(
      sql`UPDATE devices SET last_seen_at = ${at}, last_seen_ip = ${ip}, last_seen_user_agent = ${userAgent} WHERE nid = ${device}`,
    );
  }

  /** Deletes devices of one user with all that features keep for them. */
  async delete(writer: Writer, user: UserNid, devices: readonly Device[]): Promise<void> {
    if (devices.length === 0) return;
    for (const device of devices) {
      for (const clean of this.#cleaners) await clean(writer, device);
      await writer.run(sql`DELETE FROM devices WHERE nid = ${device.nid}`);
    }
    await this.#listChanges.changed(
      writer,
      user,
      devices.map(({ deviceId }) => deviceId),
    );
  }
}
